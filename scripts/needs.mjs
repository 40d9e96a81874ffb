// Which test files need programs of etcd that are compiled first, told by what they and their helpers say.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './prepare.mjs';

/** Versions that no Debian release has: they take minutes to compile. */
const COMPILED = /\b3\.(?:[6-9]|\d\d)\.\d+\b|\b3\.5\.33\b/;
const PROGRAMS = /lab\/etcd\.ts'/;

/** Whether the file, or a helper of tests that it imports, asks for such a version. */
export function needsCompiled(file) {
  const texts = [...family(file)].map((one) => readFileSync(join(root, one), 'utf8'));
  return texts.some((text) => COMPILED.test(text)) && texts.some((text) => PROGRAMS.test(text));
}

/** Whether all that the file tries takes so long that it runs with PROVISION_E2E=all alone. */
export function runsWithAllAlone(file) {
  return readFileSync(join(root, file), 'utf8').startsWith('// With PROVISION_E2E=all alone.\n');
}

/** The file and what it imports from test/, over however many others. */
function family(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(join(root, file))) return seen;
  seen.add(file);
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, target] of text.matchAll(/from '(\.{1,2}\/[^']+\.ts)'/g)) {
    const path = join(dirname(file), target);
    if (path.startsWith('test/')) family(path, seen);
  }
  return seen;
}
