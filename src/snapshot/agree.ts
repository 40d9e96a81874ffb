import type { DesiredCluster } from '../desired/cluster.ts';
import { majority } from '../etcd/quorum.ts';
import { askHashes, differenceOf } from '../facts/etcd/hashes.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Candidate } from './choose.ts';
import { lackIn } from './needs-user.ts';

/** Whether the voters that answer hold the same data, and who does not. */
export interface Agreement {
  /** Who holds other data than most; nobody where there is no such majority. */
  readonly differing: readonly string[];
  /** What is wrong, as a sentence; nothing where all hold the same. */
  readonly trouble: string | undefined;
  /** Whether most of them hold the same. */
  readonly isMost: boolean;
}

/**
 * Compares the data of the voters that answer: a member may differ without an alarm, since etcd compares only
 * where it is told to (experimental-corrupt-check-time). What cannot be compared is said as trouble, since it is not a reason
 * to go without a backup.
 */
export async function compareVoters(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
  hosts: ReadonlyMap<string, Host>,
  candidates: readonly Candidate[],
): Promise<Agreement> {
  const voters = candidates.filter(({ etcd }) => etcd.healthy && !etcd.status?.isLearner);
  const asked = voters.flatMap(({ name }) => hosts.get(name) ?? []);
  if (asked.length < 2) return { differing: [], trouble: undefined, isMost: true };
  const revision = Math.min(...voters.flatMap(({ etcd }) => etcd.status?.revision ?? []));
  try {
    return agreement(await askHashes(cluster, asked, revision), revision, votersOf(voters));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A user that may not compare may not take a snapshot either, and is told so then.
    if (lackIn(error) !== undefined) return { differing: [], trouble: undefined, isMost: true };
    return { differing: [], trouble: error.message, isMost: true };
  }
}

/** How many voters etcd's list has; those that were asked where nobody tells it, as without a user where that is needed. */
function votersOf(asked: readonly Candidate[]): number {
  const list = asked
    .flatMap(({ etcd }) => etcd.members ?? [])
    .find(({ members }) => members.length > 0);
  return list?.members.filter(({ isLearner }) => !isLearner).length ?? asked.length;
}

/** What the hashes of members at one revision say, of a cluster with so many voters. */
export function agreement(
  hashes: ReadonlyMap<string, number>,
  revision: number,
  voters = hashes.size,
): Agreement {
  const names = [...hashes.keys()];
  const same = (hash: number | undefined) => names.filter((name) => hashes.get(name) === hash);
  const most = names
    .map((name) => same(hashes.get(name)))
    .find((group) => group.length >= majority(voters));
  return {
    differing: most === undefined ? [] : names.filter((name) => !most.includes(name)),
    trouble: differenceOf(hashes, revision),
    isMost: most !== undefined,
  };
}
