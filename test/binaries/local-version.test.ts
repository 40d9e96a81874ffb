import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Architecture } from '../../src/binaries/architecture.ts';
import { localVersion } from '../../src/binaries/local-version.ts';
import { temporary } from './sample.ts';

const HERE: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

test('localVersion() is what the program says, unless others could have put it there', async (t) => {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, '#!/bin/sh\necho "etcd Version: 3.4.23"\necho "Git SHA: x"\n');
  chmodSync(path, 0o755);
  t.is(await localVersion({ path, architecture: HERE }), '3.4.23');
  chmodSync(path, 0o757);
  t.is(await localVersion({ path, architecture: HERE }), undefined);
});

test('localVersion() is unknown where the program does not run here', async (t) => {
  const path = join(temporary(t), 'etcd');
  writeFileSync(path, '#!/bin/sh\necho "etcd Version: 3.4.23"\nexit 1\n');
  t.is(await localVersion({ path, architecture: HERE }), undefined);
  chmodSync(path, 0o755);
  t.is(await localVersion({ path, architecture: HERE }), undefined);
  t.is(await localVersion({ path, architecture: 's390x' }), undefined);
});
