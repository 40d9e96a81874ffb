import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed, type SeenMember, someoneAnswers } from '../observed/observed.ts';
import { votingOf } from './membership/voting.ts';
import { dataTrouble } from './refusing/data-trouble.ts';

/** Members that are started although others cannot be, since they are a quorum without them. */
export interface StartWithout {
  /** Those that may be changed. */
  readonly only: readonly string[];
  /** Those that have to answer: the same, and who runs and waits for them. */
  readonly among: readonly string[];
  /** Those that stay as they are. */
  readonly without: readonly string[];
}

/** Whether a member has data that etcd can start with, as far as it was looked at. */
function hasUsableData({ found }: SeenMember): boolean {
  return found.data?.hasLog === true && dataTrouble(found) === undefined;
}

/** The names of those members. */
export function membersWithUsableData(members: readonly SeenMember[]): readonly string[] {
  return members.filter(hasUsableData).map(({ name }) => name);
}

/**
 * How the members that --limit names come up beside others whose data is of no use: only where nobody answers, and where
 * they are a quorum with those that run already.
 */
export function startWithout(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  limit: readonly string[],
): StartWithout | undefined {
  if (someoneAnswers(facts)) return undefined;
  const { seen, members } = observed(desired, facts);
  const usable = seen.filter(hasUsableData);
  const only = limit.filter((name) => usable.some((one) => one.name === name));
  if (only.length < limit.length) return undefined;
  const waiting = usable.filter(({ name, runs }) => runs && !limit.includes(name));
  const among = [...only, ...waiting.map(({ name }) => name)];
  const { needed, votes } = votingOf(desired, facts);
  const without = members.map(({ name }) => name).filter((name) => !among.includes(name));
  if (among.filter(votes).length < needed || without.length === 0) return undefined;
  return { only, among, without };
}
