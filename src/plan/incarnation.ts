import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { seenMembers } from '../observed/observed.ts';
import { logOf } from './carried.ts';
import { onHost } from './lane.ts';
import { judgeLog } from './log-verdict.ts';
import type { Refusal, Wave } from './plan.ts';
import { remedies } from './refusing/remedies.ts';
import { safely } from './refusing/situation.ts';
import { type QuietLane, unnoticed } from './unnoticed.ts';

/** The members whose log was replaced behind their back, so that they may lack what they have acknowledged, or damaged below them. */
export function replacedLogs(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const seen = seenMembers(desired, facts);
  const damaged = seen.filter(({ found, runs }) => runs && judgeLog(found) === 'damaged');
  const members = seen.filter(({ found }) => judgeLog(found) === 'replaced');
  return safely(desired, facts, [
    ...damaged.map(({ name }) => ({
      kind: 'log-damaged',
      about: [name],
      sentence: `${name}: its write-ahead log was damaged on its disk: it runs, and etcd would not start on it again`,
      next: [
        remedies.replaceAnswering(name, 'while it and all others answer, replace its data'),
        remedies.saveEach(undefined),
      ],
    })),
    ...members.map(({ name, found }) => ({
      kind: 'log-replaced',
      about: [name],
      sentence: `${name}: its log is younger than its membership: it is not the one recorded for member ${found.data?.wal?.memberId}, so it began again without its data, or with an older copy; what it had acknowledged may be on one other member alone`,
      next: [remedies.saveEach(undefined), remedies.acceptLog(name, desired.paths.incarnation)],
    })),
  ]);
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
