import type { DesiredMember } from '../../desired/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { observed } from '../../observed/observed.ts';
import { listAccess } from '../carried.ts';
import type { Decision } from '../decision.ts';
import type { MemberPlan } from '../member.ts';
import { dialStep, holdsPeerPort } from '../membership/dialling.ts';
import type { Wave } from '../plan.ts';
import type { Move } from '../roll-members.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import type { HostStep } from '../step.ts';
import { undoOf } from '../undo.ts';
import { startSteps } from '../waves.ts';
import type { Readdressed } from './readdressed.ts';

/** How a member that is restarted moves; undefined where it stays. `earlier` are those that have had their turn by then. */
export function moveOf(
  { desired, facts, readdressed }: Pick<Decision, 'desired' | 'facts' | 'readdressed'>,
  name: string,
  earlier: readonly string[],
): Move | undefined {
  const one = readdressed.find((member) => member.name === name);
  if (one === undefined) return undefined;
  const found = foundOf(facts, name);
  const { peerUrl } = one.desired;
  const { answers, leader } = observed(desired, facts);
  // Asked through another member, so that the same step can take it back when this one does not serve.
  const others = answers.filter((other) => other.name !== name);
  const via = (others.find((other) => other.name === leader?.name) ?? others[0])?.name ?? name;
  const from = one.entry.peerUrls;
  const dialled = others.map((other) => placedNow(other.desired, readdressed, earlier));
  const isTaken = holdsPeerPort(found, one.desired);
  return {
    title: `move ${name} to ${new URL(peerUrl).host}`,
    first: dialled.length === 0 ? [] : [dialStep(one.desired, dialled, { isTaken, moves: true })],
    update: [
      {
        ...({
          kind: 'update-peer-urls',
          id: one.entry.id,
          via,
          list: listAccess(desired),
        } as const),
        ...{ from, to: [peerUrl] },
        because: `the others dial it at ${from.join(', ')}, and the inventory says ${peerUrl}`,
      },
    ],
    gate: [
      {
        kind: 'listed-as',
        members: [...others.map((other) => other.name), name],
        ...{ member: name, peerUrls: [peerUrl] },
      },
    ],
  };
}

/** A member as it is dialled while others are moved: one that has not had its turn is where the list has it. */
function placedNow(
  member: DesiredMember,
  readdressed: readonly Readdressed[],
  earlier: readonly string[],
): DesiredMember {
  const later = readdressed.find(({ name }) => name === member.name && !earlier.includes(name));
  const [peerUrl = member.peerUrl] = later?.entry.peerUrls ?? [];
  return { ...member, peerUrl };
}

/** The members that are moved and do not answer: nobody loses anything by it, so they come before everything else. */
export function movedAndNotAnswering({
  readdressed,
}: Pick<Decision, 'readdressed'>): readonly Readdressed[] {
  return readdressed.filter(({ answers }) => !answers);
}

/**
 * Members whose former address is gone, so that they do not run or are not heard, one by one: the list first, then their
 * files, then their start.
 */
export function bringBackMoved(decision: Decision): readonly Wave[] {
  const { desired, facts, members } = decision;
  const moved = movedAndNotAnswering(decision);
  const present = observed(desired, facts).answers.map(({ name }) => name);
  const earlierThan = (one: Readdressed) =>
    moved.slice(0, moved.indexOf(one)).map(({ name }) => name);
  const turnOf = (one: Readdressed): Turn => {
    const plan = members.find(({ name }) => name === one.name);
    const earlier = earlierThan(one);
    const move = moveOf(decision, one.name, earlier);
    if (plan === undefined || move === undefined) return { title: one.name, steps: [], undo: [] };
    const steps = [
      ...move.first,
      ...move.update,
      ...startSteps(desired, plan, { certificates: plan.certificates, ...whyRestarted(plan) }),
    ];
    return {
      ...{ title: move.title, steps, undo: backAsFound(decision, one.name, plan, steps) },
      ...{ undone: [...present, ...earlier], gate: move.gate },
    };
  };
  return rolling(moved, turnOf, {
    among: (one) => [...present, ...earlierThan(one), one.name],
    order: inGivenOrder,
  });
}

function whyRestarted({ running, restartBecause }: MemberPlan) {
  return running
    ? { restartBecause: restartBecause ?? 'it does not answer at its former address' }
    : {};
}

/** As it was, which is without an answer: nobody waits for it. */
function backAsFound(
  { desired, facts }: Pick<Decision, 'desired' | 'facts'>,
  name: string,
  { running }: MemberPlan,
  steps: readonly HostStep[],
): readonly HostStep[] {
  const undo = undoOf(desired, steps, foundOf(facts, name));
  const back = undo.filter(({ kind }) => kind !== 'await-ready');
  if (running) return back;
  const { unit } = desired;
  return [...back, { kind: 'stop-unit', unit, because: 'it did not run before' }];
}
