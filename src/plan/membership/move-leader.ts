import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { leaderId } from '../../observed/membership.ts';
import { type ObservedMember, observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { listAccess } from '../carried.ts';
import { untouchable } from '../maintaining/maintenance-refusals.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import { noMember } from './no-member.ts';

export interface MoveLeaderOptions {
  /** Who is to lead; missing where anybody else will do. */
  readonly member?: string;
}

/**
 * Hands leadership from the member that has it to another one that answers and has a vote: of any other, to the one that has
 * applied most. Members that do not answer are no obstacle: leadership is mostly moved off a host that is ill.
 */
export function planMoveLeader(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { member }: MoveLeaderOptions,
): Plan {
  const { members, answers, list } = observed(desired, facts);
  const first = untouchable(desired, facts);
  if (first.length > 0) return refusedPlan(desired, first);
  const leader = leaderId(facts);
  const now = list?.members.find(({ id }) => id === leader);
  if (now === undefined) return refusedPlan(desired, safely(desired, facts, [noLeader(desired)]));
  const wanted =
    member === undefined ? successor(answers, now) : members.find(({ name }) => name === member);
  if (wanted === undefined)
    return refusedPlan(desired, [
      member === undefined ? nobodyElse(now) : noMember(desired, member),
    ]);
  const { name, listed: entry } = wanted;
  if (entry?.id === now.id)
    return planOf(desired, [], { notes: [`${name} leads the cluster already`] });
  if (entry === undefined || entry.isLearner || !wanted.answers)
    return refusedPlan(desired, safely(desired, facts, [unfit(wanted)]));
  const among = answers.map((one) => one.name);
  const asked = answers.find(({ listed: one }) => one?.id === now.id)?.name ?? name;
  const turn: Turn = {
    title: `hand leadership to ${name}`,
    host: asked,
    steps: [
      {
        ...{ kind: 'move-leadership', member: name, id: entry.id },
        ...{ list: listAccess(desired), because: `${now.name || now.id} leads now` },
      },
    ],
    undo: [],
    gate: [{ kind: 'led-by', members: among, member: name, id: entry.id }],
  };
  return planOf(
    desired,
    rolling([wanted], () => turn, { among, order: inGivenOrder }),
  );
}

function successor(
  answers: readonly ObservedMember[],
  leader: EtcdMember,
): ObservedMember | undefined {
  const applied = ({ found }: ObservedMember) =>
    found?.etcd.status?.raftAppliedIndex ?? found?.etcd.status?.raftIndex ?? 0;
  return answers
    .filter(
      ({ listed: entry }) => entry !== undefined && !entry.isLearner && entry.id !== leader.id,
    )
    .toSorted((one, other) => applied(other) - applied(one))[0];
}

function noLeader({ name }: DesiredCluster): Proposal {
  return {
    ...{ kind: 'no-leader', about: [], next: [remedies.doctor()] },
    sentence: `${name}: no member says who leads: without a quorum nobody does`,
  };
}

function nobodyElse({ name, id }: EtcdMember): Refusal {
  return {
    kind: 'nobody-else',
    about: [],
    sentence: `nobody can take over from ${name || id}: no other member of the inventory answers and has a vote`,
    next: [remedy`see who does not, and why: ${provision('doctor', INVENTORY)}`],
  };
}

function unfit({ name, listed, complaint }: ObservedMember): Proposal {
  const about = [name];
  if (listed === undefined)
    return {
      ...{ kind: 'not-listed', about, next: [remedies.joinByUp(name)] },
      sentence: `${name} cannot lead: it is not in etcd's list of members`,
    };
  if (listed.isLearner)
    return {
      ...{ kind: 'learner', about, next: [remedies.voteByUp(name)] },
      sentence: `${name} cannot lead: it is a learner, and has no vote`,
    };
  return {
    ...{ kind: 'not-answering', about, next: [remedies.doctor()] },
    sentence: `${name} cannot lead: it does not answer a linearizable read (${complaint})`,
  };
}
