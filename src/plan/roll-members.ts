import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { MemberFacts } from '../facts/member.ts';
import { type ObservedMember, observed } from '../observed/observed.ts';
import { idsOutside } from './absence/ids-outside.ts';
import { dialable } from './carried.ts';
import type { Gate } from './gate.ts';
import type { MemberPlan } from './member.ts';
import type { Wave } from './plan.ts';
import { leaderLast, rolling, type Turn } from './rolling.ts';
import type { HostStep } from './step.ts';
import { undoOf } from './undo.ts';
import { namesOf, restartSteps, yieldSteps } from './waves.ts';

interface Rolled {
  /** Whether certificates are among what is brought. */
  readonly withCertificates?: boolean;
  readonly among?: readonly string[];
  readonly titleOf?: (member: string, isRestarted: boolean) => string;
  /** Who goes to another minor version: behind the last of them the cluster takes it up, and none goes back any more. */
  readonly changesMinor?: (found: MemberFacts) => boolean;
  /** What is done too where the first turn is taken back. */
  readonly undoFirst?: readonly HostStep[];
  /** How a member moves, where it is to be dialled elsewhere; `earlier` have had their turn by then. */
  readonly moveOf?: (member: string, earlier: readonly string[]) => Move | undefined;
}

/** What a turn does beside what every change of a member does, where the member is dialled elsewhere from then on. */
export interface Move {
  readonly title: string;
  /** What is seen to be so before anything is changed. */
  readonly first: readonly HostStep[];
  /** Its new peer URL in the list, right before it is restarted: until then nobody can dial it by that. */
  readonly update: readonly HostStep[];
  readonly gate: readonly Gate[];
}

/** Brings running members what they could fail on, one by one. */
export function rollMembers(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  plans: readonly MemberPlan[],
  {
    withCertificates = true,
    among = namesOf(cluster),
    titleOf = changeTitle,
    undoFirst = [],
    ...rolled
  }: Rolled = {},
): readonly Wave[] {
  const except = idsOutside(cluster, facts, among);
  const running = new Map(plans.flatMap((plan) => (plan.running ? [[plan.name, plan]] : [])));
  const members = observed(cluster, facts).members.filter(({ name }) => running.has(name));
  // Who only has others recorded comes behind those who move: until then they might be put back.
  const isLater = ({ name }: ObservedMember) =>
    rolled.moveOf !== undefined && running.get(name)?.restartBecause === undefined;
  const order = (all: readonly ObservedMember[]) => {
    const inOrder = leaderLast(all);
    return [...inOrder.filter((one) => !isLater(one)), ...inOrder.filter(isLater)];
  };
  const inOrder = order(members).map(({ name }) => name);
  const last = leaderLast(members).findLast(
    ({ name, found }) =>
      running.get(name)?.restartBecause !== undefined &&
      found !== undefined &&
      rolled.changesMinor?.(found) === true,
  );
  const first = order(members).find(({ name }) => running.get(name)?.restartBecause !== undefined);
  const turnOf = ({ name, found }: ObservedMember): Turn => {
    const plan = running.get(name);
    if (plan === undefined) return { title: name, steps: [], undo: [] };
    const move = rolled.moveOf?.(name, inOrder.slice(0, inOrder.indexOf(name)));
    const isRestarted = plan.restartBecause !== undefined;
    const steps = [
      ...(move?.first ?? []),
      // Its new certificate is not for the address at which it is asked yet.
      ...(move === undefined || !isRestarted ? [] : yieldSteps(cluster, except)),
      ...(withCertificates ? plan.certificates : []),
      ...plan.link,
      ...plan.configuration,
      ...(plan.restartBecause === undefined
        ? // It runs with its new peer URL already, and the list has the former one.
          (move?.update ?? [])
        : [
            ...(move === undefined ? yieldSteps(cluster, except) : move.update),
            ...restartSteps(cluster, plan.program, plan.restartBecause, plan),
          ]),
    ];
    const title = move?.title ?? titleOf(name, isRestarted);
    const undo = [...undoOf(cluster, steps, found), ...(name === first?.name ? undoFirst : [])];
    if (name !== last?.name) return { title, steps, undo, ...(move && { gate: move.gate }) };
    const isFree = whileNotTakenUp(cluster);
    return { title, steps, undo: [isFree, ...undo], pointOfNoReturn: 'await-ready' };
  };
  return rolling(members, turnOf, { among, order });
}

/** The leader raises the version of the cluster as soon as the last member serves it, ready or not. */
function whileNotTakenUp({ version, members }: DesiredCluster): HostStep {
  const because = 'an older program does not start in a cluster that has taken up a later version';
  return { kind: 'require-not-taken-up', version, members: members.map(dialable), because };
}

function changeTitle(member: string, isRestarted: boolean): string {
  return isRestarted ? `restart ${member}` : `change ${member}`;
}
