import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { everyKey } from '../../src/inventory/known-keys.ts';
import { parseInventory } from '../../src/inventory/parse.ts';
import { readDocument } from '../../src/inventory/yaml/document.ts';
import { SERVICE_SETTINGS } from '../../src/systemd/service-settings.ts';

const directory = new URL('../../inventories/', import.meta.url);
const full = readFileSync(new URL('full.yaml', directory), 'utf8');
const ALTERNATIVE = /^ {4}# (archive|sha256|directory|installed): (.*)$/gm;

for (const name of readdirSync(directory).filter((one) => one.endsWith('.yaml'))) {
  test(`inventories/${name}: breaks no rule`, (t) => {
    const text = readFileSync(new URL(name, directory), 'utf8');
    const { warnings } = parseInventory(text, name);
    // The lab runs what Debian packages, which is not the latest.
    t.deepEqual(name === 'lab.yaml' ? [] : warnings, []);
  });
}

test('inventories/full.yaml: holds every key of the schema', (t) => {
  const written = new Set([
    ...keysIn(readDocument(full).value, ''),
    ...[...full.matchAll(ALTERNATIVE)].map(([, key]) => `etcd.source.${key}`),
    ...[...full.matchAll(/^ {4}# (walDirectory): \//gm)].map(([, key]) => `etcd.paths.${key}`),
  ]);
  // What stands in `ssh` may stand in a host's own `ssh`, as the manual says there.
  const missing = everyKey().filter(
    (key) => !written.has(key) && !written.has(key.replace(/^.*\[\]\.ssh\./, 'ssh.')),
  );
  t.deepEqual(missing, []);
});

test('inventories/full.yaml: holds every setting that a unit may be given', (t) => {
  const { service } = parseInventory(full, 'full.yaml').inventory.etcd;
  t.deepEqual(Object.keys(service).sort(), [...SERVICE_SETTINGS.keys()].sort());
});

test('inventories/full.yaml: explains every line that is not a comment itself', (t) => {
  const lines = full.split('\n');
  const silent = lines.filter((line, at) => {
    const above = lines[at - 1] ?? '';
    const explained = /^\s*#/.test(above) || /#/.test(line);
    // The settings and the second and third member are examples of what was explained above them.
    return !/^\s*(#|$)/.test(line) && !explained && !/^ {4}[a-z-]+:|^ {2}- |^ {4}ssh/.test(line);
  });
  t.deepEqual(silent, []);
});

const alternatives: readonly (readonly string[])[] = [
  ['archive', 'sha256'],
  ['directory'],
  ['installed'],
];

for (const keys of alternatives) {
  test(`inventories/full.yaml: the source ${keys[0]} parses where it is uncommented`, (t) => {
    const written = new Map([...full.matchAll(ALTERNATIVE)].map(([, key, value]) => [key, value]));
    const source = keys.map((key) => `${key}: "${written.get(key)}"`).join(', ');
    const text = full.replace(/^ {2}source:\n( {4}.*\n| {6}.*\n)+/m, `  source: {${source}}\n`);
    t.deepEqual(
      parseInventory(text, 'full.yaml').inventory.etcd.source,
      Object.fromEntries(keys.map((key) => [key, written.get(key)])),
    );
  });
}

function keysIn(value: unknown, above: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => keysIn(item, `${above}[]`));
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = above === '' ? key : `${above}.${key}`;
    return [name, ...keysIn(inner, name)];
  });
}
