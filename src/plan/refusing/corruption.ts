import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type CorruptionAlarms, corruptionAlarms } from '../../observed/corruption.ts';
import { observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import type { Refusal } from '../plan.ts';
import { remedies } from './remedies.ts';
import { safely } from './situation.ts';

type Facts = Pick<ClusterFacts, 'members'>;

/** The kinds of problems below: members that etcd calls corrupt, and one that has left and whose alarm still stands. */
export const CORRUPTION = 'corruption';
export const FORMER_ALARM = 'former-alarm';

/**
 * A corruption alarm: while one stands, of whichever member, etcd takes no write from anybody. One of a member that has left
 * only has to be disarmed.
 */
export function corruption(cluster: DesiredCluster, facts: Facts): readonly Proposal[] {
  const alarms = corruptionAlarms(cluster, facts);
  const found = [
    ...(alarms.isWithheld ? [withheld(cluster)] : []),
    ...(alarms.isOfNobody ? [ofNobody(cluster, facts, alarms)] : []),
    ...alarms.members.map((one) => ofMember(cluster, facts, alarms, one)),
  ];
  return found.length > 0 ? found : ofFormer(cluster, alarms);
}

/** The same as refusals, with what is safe to do. */
export function noCorruption(cluster: DesiredCluster, facts: Facts): readonly Refusal[] {
  return safely(cluster, facts, corruption(cluster, facts));
}

function withheld({ name }: DesiredCluster): Proposal {
  return {
    kind: CORRUPTION,
    about: [],
    sentence: `${name}: etcd reports a corruption alarm, and says to nobody without a user of which member; changing anything now could spread it`,
    next: [remedies.saveEach(undefined), remedies.listAlarms()],
  };
}

function ofNobody(cluster: DesiredCluster, facts: Facts, alarms: CorruptionAlarms): Proposal {
  return {
    kind: CORRUPTION,
    about: [],
    sentence: `${cluster.name}: etcd reports a corruption alarm and does not say of which member; changing anything now could spread it`,
    next: [remedies.disarmFormer(), remedies.saveOf(beside(cluster, facts, alarms))],
  };
}

function ofMember(
  cluster: DesiredCluster,
  facts: Facts,
  alarms: CorruptionAlarms,
  { id, name }: CorruptionAlarms['members'][number],
): Proposal {
  return {
    kind: CORRUPTION,
    about: [name ?? id],
    sentence: `${name ?? `member ${id}`}: etcd reports a corruption alarm; changing anything now could spread it`,
    next: [remedies.saveOf(beside(cluster, facts, alarms))],
  };
}

function ofFormer({ name }: DesiredCluster, { former }: CorruptionAlarms): readonly Proposal[] {
  if (former.length === 0) return [];
  return [
    {
      kind: FORMER_ALARM,
      about: [],
      sentence: `${name}: the corruption alarm of a member that has left still stands (${former.join(', ')}), so etcd takes no writes`,
      next: [remedies.up(), remedies.disarmFormer()],
    },
  ];
}

/** Those that answer and are not named: etcd gives no sound snapshot of one that is. */
function beside(
  cluster: DesiredCluster,
  facts: Facts,
  { members: named }: CorruptionAlarms,
): readonly string[] {
  return observed(cluster, facts)
    .answers.map(({ name }) => name)
    .filter((name) => !named.some((one) => one.name === name));
}
