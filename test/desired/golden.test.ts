import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { desiredCluster } from '../../src/desired/cluster.ts';
import { renderedFiles } from '../../src/desired/render.ts';
import { loadTemplates } from '../../src/desired/templates.ts';
import { parseInventory } from '../../src/inventory/parse.ts';

const inventories = new URL('../../inventories/', import.meta.url);
const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const templates = await loadTemplates();
const names = readdirSync(inventories)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => basename(name, '.yaml'));

/** The files of an inventory's members where there is no PKI store yet, by their path below its golden directory. */
function rendered(name: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`${name}.yaml`, inventories), 'utf8');
  const { inventory } = parseInventory(text, name);
  const pki = { ...inventory.pki, peerCa: inventory.pki.peerCa ?? 'separate' };
  const files = renderedFiles(desiredCluster({ ...inventory, pki }, templates));
  return new Map(files.map(({ member, path, content }) => [join(member, basename(path)), content]));
}

if (process.env.UPDATE_GOLDEN === '1') {
  rmSync(golden, { recursive: true, force: true });
  for (const name of names) {
    for (const [path, content] of rendered(name)) {
      mkdirSync(dirname(join(golden, name, path)), { recursive: true });
      writeFileSync(join(golden, name, path), content);
    }
  }
}

test('golden: every inventory has its files, and no others lie there', (t) => {
  t.deepEqual(readdirSync(golden).sort(), [...names].sort());
});

for (const name of names) {
  // Rewritten by UPDATE_GOLDEN=1 npx ava test/desired/golden.test.ts; read the diff before you commit it.
  test(`golden: inventories/${name}.yaml gives its files byte for byte`, (t) => {
    const directory = join(golden, name);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const kept = files.map((file) => [
      file.slice(directory.length + 1),
      readFileSync(file, 'utf8'),
    ]);
    t.deepEqual(Object.fromEntries(kept), Object.fromEntries(rendered(name)));
  });
}
