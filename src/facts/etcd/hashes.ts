import { ownEtcd } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { readHashKv } from '../../etcd/answers.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { remedy } from '../../problem/remedy.ts';

const TRIES = 3;
const SECONDS = 120;

/**
 * The hash of each member's keys and values up to a revision, in the order of the hosts. A compaction in between makes
 * hashes incomparable (etcd-facts §8.2), so it is tried again then. Throws a Failure where they cannot be compared.
 */
export async function askHashes(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  hosts: readonly Host[],
  revision: number,
): Promise<ReadonlyMap<string, number>> {
  const command = ownEtcdctl(
    ownEtcd(cluster),
    ['endpoint', 'hashkv', '--rev', revision, '-w', 'json'],
    SECONDS,
  );
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const answers = await Promise.all(
      hosts.map(async (host) => {
        const { stdout } = await must(host, 'hash its keys', command, { deadline: SECONDS + 10 });
        return [host.name, readHashKv(stdout)] as const;
      }),
    );
    if (new Set(answers.map(([, { compactRevision }]) => compactRevision)).size <= 1)
      return new Map(answers.map(([name, { hash }]) => [name, hash]));
  }
  throw new Failure(
    'failed',
    `${cluster.name}: could not compare the members' data: it was compacted meanwhile, ${TRIES} times`,
    { next: [remedy`run the same command again`] },
  );
}

/** Says that members differ, by their hashes at a revision; nothing where all hold the same. */
export function differenceOf(
  hashes: ReadonlyMap<string, number>,
  revision: number,
): string | undefined {
  if (new Set(hashes.values()).size <= 1) return undefined;
  const told = [...hashes].map(([name, hash]) => `${name} ${hash}`).join(', ');
  return `the members hold different data at revision ${revision}: ${told}`;
}
