import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { retireByHand } from '../../../src/plan/membership/retire-by-hand.ts';
import { wanted } from '../facts.ts';

const desired = wanted(3);
const conf = (member: string, address: string) => `# provision: cluster prod, member ${member}
ETCD_INITIAL_ADVERTISE_PEER_URLS="https://${address}:2380"
ETCD_INITIAL_CLUSTER="etcd03=https://198.18.0.13:2380"
`;

for (const [title, content, isRetired] of [
  ['retires the host that the member ran on', conf('etcd03', '198.18.0.13'), true],
  ['leaves a host to another member alone', conf('etcd02', '198.18.0.13'), false],
  ['leaves the host alone that the member has moved to', conf('etcd03', '198.18.0.14'), false],
  ['leaves a host without etcd.conf alone', undefined, false],
] as const)
  test(`retireByHand() ${title}`, async (t) => {
    const home = await mkdtemp(join(tmpdir(), 'retire by hand '));
    try {
      await mkdir(join(home, 'data'));
      await writeFile(join(home, 'systemctl'), '#!/bin/sh\n: > "$(dirname "$0")/told"\n');
      await chmod(join(home, 'systemctl'), 0o755);
      if (content !== undefined) await writeFile(join(home, 'etcd.conf'), content);
      const paths = { confFile: join(home, 'etcd.conf'), data: join(home, 'data') };
      const line = retireByHand({ ...desired, paths }, 'etcd03', '198.18.0.13');
      const { status } = spawnSync('/bin/sh', ['-c', line], {
        env: { PATH: `${home}:${process.env.PATH}` },
      });
      t.is(status === 0, isRetired);
      const left = await readdir(home);
      t.deepEqual(
        left.filter((name) => ['data', 'data.removed', 'told'].includes(name)),
        isRetired ? ['data.removed', 'told'] : ['data'],
      );
    } finally {
      await rm(home, { recursive: true });
    }
  });
