import { readFileSync } from 'node:fs';
import test from 'ava';

interface Entry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('package-lock.json names the packages of every platform, or npm ci refuses it', (t) => {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  const { packages }: { readonly packages: Readonly<Record<string, Entry>> } = JSON.parse(text);
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        packages[`node_modules/${name}`] === undefined &&
        packages[`${path}/node_modules/${name}`] === undefined,
    ),
  );
  t.deepEqual(missing, []);
});
