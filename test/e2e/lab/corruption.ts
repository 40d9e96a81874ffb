import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from '../../../src/lab/host.ts';
import { said } from '../observer/seen.ts';
import type { Cluster } from './cluster.ts';

/** Has etcd compare what members hold, which it does nowhere of its own accord; 3.5 says of no member that it is the one. */
export const COMPARING = { 'experimental-corrupt-check-time': '3s' } as const;

/** Changes the first byte of a value in the database of a member, wherever it stands, as a disk that lies would. */
export async function corruptValue(host: LabHost, value: string): Promise<void> {
  const changed = await said(
    host,
    `systemctl stop etcd || exit
     db=/var/lib/etcd/member/snap/db
     for at in $(LC_ALL=C grep -abo '${value}' $db | cut -d: -f1); do
       printf X | dd of=$db bs=1 seek=$at conv=notrunc status=none && echo $at
     done
     systemctl start etcd`,
  );
  if (!/^\d+/.test(changed)) throw new Error(`${value} is nowhere in the database: ${changed}`);
}

/** The corruption alarms that stand, as etcd tells them. */
export async function alarms({ lab, inventory }: Cluster): Promise<readonly string[]> {
  const words = ['etcdctl', inventory, '--', 'alarm', 'list'];
  const { stdout, stderr, exitCode } = await lab.provision(words);
  if (exitCode !== 0) throw new Error(stdout + stderr);
  return stdout.split('\n').filter((line) => line.includes('alarm:CORRUPT'));
}

/** The same, as soon as there is one. */
export async function raisedAlarms(cluster: Cluster): Promise<readonly string[]> {
  for (let looks = 0; looks < 60; looks++) {
    const raised = await alarms(cluster);
    if (raised.length > 0) return raised;
    await sleep(1_000);
  }
  throw new Error('no alarm was raised within a minute');
}
