import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { architectureOf } from '../../src/binaries/host-architecture.ts';
import { localHost } from '../host/local-host.ts';

/** This machine, but for what it calls itself. */
async function hostThatIs(t: ExecutionContext, machine: string) {
  const place = await mkdtemp(join(tmpdir(), 'machine-'));
  t.teardown(() => rm(place, { recursive: true }));
  await writeFile(join(place, 'uname'), `#!/bin/sh\necho ${machine}\n`);
  await chmod(join(place, 'uname'), 0o755);
  return localHost('etcd01', { PATH: `${place}:${process.env.PATH}` });
}

test('architectureOf: says it in the words of the releases', async (t) => {
  t.is(await architectureOf(await hostThatIs(t, 'aarch64')), 'arm64');
  t.is(await architectureOf(await hostThatIs(t, 'x86_64')), 'amd64');
});

test('architectureOf: refuses a machine etcd is not released for', async (t) => {
  await t.throwsAsync(architectureOf(await hostThatIs(t, 'riscv64')), {
    message: 'etcd01: is riscv64, which etcd is not released for',
  });
});
