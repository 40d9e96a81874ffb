import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { StrangeRecord } from '../../facts/data/strange-records.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';

/**
 * Why nothing may be done where something else stands in the place of a record: whether data lies aside, or whether a log is
 * the one that a member had, is told by it alone.
 */
export function strangeRecords(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  return seenMembers(cluster, facts).flatMap(({ name, found }) =>
    found.strangeRecords.map(({ path, of, is }: StrangeRecord) => ({
      kind: 'strange-record',
      about: [name],
      sentence: `${name}: ${path} is ${is}; it should be ${of === 'log' ? 'the record of the log that the member has' : 'the record of a restore that is not finished, or missing'}`,
      next: [
        of === 'log'
          ? remedy`see what it is: ls -ld ${quote(path)} on ${name}; if ${name} has kept its data, move it away: mv ${quote(path)} ${quote(`${path}.found`)}; then ${provision('up', INVENTORY)} records its log again`
          : remedy`see what it is: ls -ld ${quote(path)} on ${name}; if ${provision('status', INVENTORY)} names no unfinished restore on another member, move it away: mv ${quote(path)} ${quote(`${path}.found`)}; else copy the record of that member to its place; then run the same command again`,
      ],
    })),
  );
}
