import { ownEtcd } from '../desired/access.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { readHashKv } from '../etcd/answers.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';

const TRIES = 3;
const SECONDS = 120;

/**
 * Makes sure all members that answer hold the same keys and values at one revision. A compaction in between makes hashes
 * incomparable, so it is tried again then. Throws a Failure (refused) that names the hashes when they differ.
 */
export async function refuseUnequalHashes(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  { members }: ClusterFacts,
): Promise<void> {
  const answering = [...hosts].filter(([name]) => members.get(name)?.etcd.healthy === true);
  if (answering.length === 0) return;
  const revisions = [...members.values()].flatMap(({ etcd }) => etcd.status?.revision ?? []);
  const revision = Math.min(...revisions);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const hashes = await Promise.all(
      answering.map(async ([name, host]) => {
        const ask = ownEtcdctl(
          ownEtcd(desired),
          ['endpoint', 'hashkv', '--rev', revision, '-w', 'json'],
          SECONDS,
        );
        const { stdout } = await must(host, 'hash its keys', ask, { deadline: SECONDS + 10 });
        return { name, ...readHashKv(stdout) };
      }),
    );
    if (new Set(hashes.map(({ compactRevision }) => compactRevision)).size > 1) continue;
    if (new Set(hashes.map(({ hash }) => hash)).size === 1) return;
    throw new Failure(
      'refused',
      `${desired.name}: the members hold different data at revision ${revision}: ${hashes.map(({ name, hash }) => `${name} ${hash}`).join(', ')}`,
      {
        next: 'the one that differs from the others is corrupt: take a snapshot from another, then replace it',
      },
    );
  }
  throw new Failure(
    'failed',
    `${desired.name}: could not compare the members' data: it was compacted meanwhile, ${TRIES} times`,
    { next: 'run the same command again' },
  );
}
