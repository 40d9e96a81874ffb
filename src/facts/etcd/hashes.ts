import { ownEtcd } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { readHashKv } from '../../etcd/answers.ts';
import { NO_PROCESS, ownEtcdctlWhileItRuns, PROCESS_ENDED } from '../../etcd/own-endpoint.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Command } from '../../shell/command.ts';

const TRIES = 3;
const SECONDS = 120;

/** A member whose process is gone since it was asked to read all its keys: etcd ends at the first page that is damaged. */
export class EndedWhenRead extends Failure {
  override readonly name = 'EndedWhenRead';
  readonly member: string;

  constructor(cluster: string, member: string) {
    super(
      'refused',
      `${cluster}: ${member}: its etcd process ended when its keys were read to compare them; either its database is damaged or somebody stopped it`,
      { next: [remedy`see why: ${provision('doctor', INVENTORY)}`] },
    );
    this.member = member;
  }
}

/**
 * The hash of each member's keys and values up to a revision, in the order of the hosts. A compaction in between makes
 * hashes incomparable (etcd-facts §8.2), so it is tried again then. One after another: reading all keys ends a member whose
 * database is damaged, and of those one is enough. Throws EndedWhenRead then, or a Failure where they cannot be compared.
 */
export async function askHashes(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  hosts: readonly Host[],
  revision: number,
): Promise<ReadonlyMap<string, number>> {
  const command = ownEtcdctlWhileItRuns(
    ownEtcd(cluster),
    ['endpoint', 'hashkv', '--rev', revision, '-w', 'json'],
    SECONDS,
  );
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const answers = new Map<string, ReturnType<typeof readHashKv>>();
    for (const host of hosts) answers.set(host.name, await askHash(cluster.name, host, command));
    const compacted = [...answers.values()].map(({ compactRevision }) => compactRevision);
    if (new Set(compacted).size <= 1)
      return new Map([...answers].map(([name, { hash }]) => [name, hash]));
  }
  throw new Failure(
    'failed',
    `${cluster.name}: could not compare the members' data: it was compacted meanwhile, ${TRIES} times`,
    { next: [remedy`run the same command again`] },
  );
}

async function askHash(cluster: string, host: Host, command: Command) {
  const result = await host.run(command, { deadline: SECONDS + 10 });
  if (result.exitCode === 0) return readHashKv(result.stdout);
  throw [NO_PROCESS, PROCESS_ENDED].includes(result.exitCode)
    ? new EndedWhenRead(cluster, host.name)
    : new HostError(host.name, 'hash its keys', result);
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
