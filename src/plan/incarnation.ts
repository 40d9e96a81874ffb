import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { IncarnationFact } from '../facts/data/incarnation.ts';
import type { MemberFacts } from '../facts/member.ts';
import { seenMembers } from '../observed/observed.ts';
import { logOf } from './carried.ts';
import { onHost } from './lane.ts';
import type { Refusal, Wave } from './plan.ts';
import { remedies } from './refusing/remedies.ts';
import { safely } from './refusing/situation.ts';
import { type QuietLane, unnoticed } from './unnoticed.ts';

/** A member's log held against its record. */
export type LogVerdict =
  /** There is no log. */
  | 'none'
  /** Nothing is recorded, or the log of another member: one that was restored, or has joined again. */
  | 'unrecorded'
  /** It is the log that was recorded, or has grown out of it. */
  | 'same'
  /** Another log lies there for the same member of the same cluster: it has forgotten what it acknowledged. */
  | 'replaced';

/**
 * Holds a log against its record. etcd deletes its earliest segments in time, so a log may begin later than it was recorded
 * to, but never earlier, and what was written of a segment stays as it is.
 */
export function judgeLog({
  data,
  incarnation,
}: Pick<MemberFacts, 'data' | 'incarnation'>): LogVerdict {
  if (data?.hasLog !== true || data.wal === undefined) return 'none';
  if (incarnation === undefined || !isOf(data.wal, incarnation)) return 'unrecorded';
  const { record, earliest, sha256 } = incarnation;
  if (sha256 !== undefined) return sha256 === record.sha256 ? 'same' : 'replaced';
  return earliest !== undefined && earliest > record.segment ? 'same' : 'replaced';
}

function isOf(
  { memberId, clusterId }: { readonly memberId: string; readonly clusterId: string },
  { record }: IncarnationFact,
): boolean {
  return record.memberId === memberId && record.clusterId === clusterId;
}

/** The members whose log was replaced behind their back: they answer, and may lack what they have acknowledged. */
export function replacedLogs(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const members = seenMembers(desired, facts).filter(({ found }) => judgeLog(found) === 'replaced');
  return safely(
    desired,
    facts,
    members.map(({ name, found }) => ({
      kind: 'log-replaced',
      about: [name],
      sentence: `${name}: its log is younger than its membership: it is not the one recorded for member ${found.data?.wal?.memberId}, so it began again without its data, or with an older copy; what it had acknowledged may be on one other member alone`,
      next: [remedies.saveEach(undefined), remedies.acceptLog(name, desired.paths.incarnation)],
    })),
  );
}

/**
 * Has the members whose log is not recorded yet record it; etcd does not notice. Those that are started record theirs when
 * they are ready; one that runs without a log is about to make it.
 */
export function recordLogs(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  isStarted: (member: string) => boolean,
): readonly QuietLane[] {
  return seenMembers(desired, facts).flatMap(({ name, found }): readonly QuietLane[] => {
    if (isStarted(name)) return [];
    if (!['unrecorded', 'none'].includes(judgeLog(found))) return [];
    const because =
      found.incarnation === undefined ? 'it is not recorded' : 'the log of a former member is';
    const step = { kind: 'record-log', member: name, log: logOf(desired), because } as const;
    return [onHost(name, [step])];
  });
}

/** One wave of those lanes; none where there are none. */
export function recordWave(lanes: readonly QuietLane[]): readonly Wave[] {
  return unnoticed('record the logs', lanes);
}
