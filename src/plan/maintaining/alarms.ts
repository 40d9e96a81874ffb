import type { DesiredCluster } from '../../desired/cluster.ts';
import { namelessAlarms } from '../../etcd/alarms.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { alarmsOf } from '../../observed/alarms.ts';
import { allFound, foundMembers } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { noCorruption } from '../refusing/corruption.ts';
import { databasesOf, describeDatabase, isTight } from './database.ts';

/** The alarms that stand, each with the member it names, and what to do about it. */
export function alarmProblems(desired: DesiredCluster, facts: ClusterFacts): readonly Problem[] {
  return [...noCorruption(desired, facts), ...noSpace(desired, facts)];
}

function noSpace(desired: DesiredCluster, facts: ClusterFacts): readonly Problem[] {
  const databases = databasesOf(desired, facts);
  const next = databases.some(isTight)
    ? [remedy`compact, defragment and disarm: ${provision('maintain', 'space', INVENTORY)}`]
    : [
        remedy`every database is below 0.9 of its quota again, so disarm it: ${provision('maintain', 'alarms', INVENTORY, '--disarm')}`,
      ];
  const named = alarmsOf(facts).filter(({ kind }) => kind === 'NOSPACE');
  const problems = named.map(({ memberId }) => {
    const name = nameOf(memberId, desired, facts);
    const database = databases.find((one) => one.name === name);
    const size = database === undefined ? '' : ` (it has ${describeDatabase(database)} now)`;
    return {
      kind: 'no-space-alarm',
      about: name === undefined ? [] : [name],
      sentence: `${name ?? `member ${memberId}`}: NOSPACE: its database was full${size}; no member takes writes until the alarm is disarmed`,
      next,
    };
  });
  const isNameless = namelessAlarms(allFound(facts)).includes('NOSPACE');
  if (problems.length > 0 || !isNameless) return problems;
  return [
    {
      kind: 'no-space-alarm',
      about: [],
      sentence: `${desired.name}: NOSPACE: the database of a member was full; etcd says to nobody without a user of which`,
      next: [remedy`compact, defragment and disarm: ${provision('maintain', 'space', INVENTORY)}`],
    },
  ];
}

/** Whom an alarm names; undefined where it is nobody that the inventory or etcd's list knows. */
function nameOf(id: string, desired: DesiredCluster, facts: ClusterFacts): string | undefined {
  const found = foundMembers(facts).find(([, { etcd }]) => etcd.status?.memberId === id);
  const { list } = observed(desired, facts);
  return found?.[0] ?? (list?.members.find((one) => one.id === id)?.name || undefined);
}
