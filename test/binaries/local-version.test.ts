import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { Architecture } from '../../src/binaries/architecture.ts';
import { localVersion } from '../../src/binaries/local-version.ts';
import { sha256, temporary } from './sample.ts';

const HERE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const program = (path: string) => ({ path, architecture: HERE, sha256: sha256(path) });
const cacheOf = (path: string) => join(dirname(path), 'cache');

test('localVersion() is what the program says, unless others could have put it there', async (t) => {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, '#!/bin/sh\necho "etcd Version: 3.4.23"\necho "Git SHA: x"\n');
  chmodSync(path, 0o755);
  t.is(await localVersion(program(path), cacheOf(path)), '3.4.23');
  chmodSync(path, 0o757);
  t.is(await localVersion(program(path), cacheOf(path)), undefined);
});

test('localVersion() is unknown where the program does not run here', async (t) => {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, '#!/bin/sh\necho "etcd Version: 3.4.23"\nexit 1\n');
  t.is(await localVersion(program(path), cacheOf(path)), undefined);
  chmodSync(path, 0o755);
  t.is(await localVersion(program(path), cacheOf(path)), undefined);
  t.is(await localVersion({ ...program(path), architecture: 's390x' }, cacheOf(path)), undefined);
});

test('localVersion() runs the same program once', async (t) => {
  const directory = temporary(t);
  const path = join(directory, 'etcd');
  const script = `#!/bin/sh\n: > ${directory}/ran-$$\necho "etcd Version: 3.4.23"\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  const ran = () => readdirSync(directory).filter((name) => name.startsWith('ran-')).length;
  for (const _ of [1, 2]) t.is(await localVersion(program(path), cacheOf(path)), '3.4.23');
  t.is(ran(), 1);
  writeFileSync(path, script.replace('3.4.23', '3.5.33'));
  t.is(await localVersion(program(path), cacheOf(path)), '3.5.33');
  t.is(ran(), 2);
});

test('localVersion() asks again a program that did not say it', async (t) => {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, `#!/bin/sh\n[ -e ${path}.well ] && echo "etcd Version: 3.4.23"\n`);
  chmodSync(path, 0o755);
  t.is(await localVersion(program(path), cacheOf(path)), undefined);
  writeFileSync(`${path}.well`, '');
  t.is(await localVersion(program(path), cacheOf(path)), '3.4.23');
});
