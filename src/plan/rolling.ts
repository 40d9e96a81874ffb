import type { ObservedMember } from '../observed/observed.ts';
import { allWell, type Gate } from './gate.ts';
import { onHost } from './lane.ts';
import type { Wave } from './plan.ts';
import type { HostStep } from './step.ts';

/** What is done to one member when it is its turn. */
export interface Turn {
  readonly title: string;
  /** The host where it is done, where that is not the member's own: who leaves is taken out by another. */
  readonly host?: string;
  readonly steps: readonly HostStep[];
  /** What puts it back, should a step or the gate fail; empty where nothing is to be put back. */
  readonly undo: readonly HostStep[];
  /** Whose answers are waited for once it is put back, where the member itself is not among them any more. */
  readonly undone?: readonly string[];
  /** The step after whose end nothing is put back; it says nothing where the turn has no such step. */
  readonly pointOfNoReturn?: HostStep['kind'];
  /** Ids of members whose alarms it ends: they are not waited for before it. */
  readonly ends?: readonly string[];
  /** What must hold before the next turn, beside that all are well. */
  readonly gate?: readonly Gate[];
}

export interface RollingOptions<Member> {
  /** Whose answers count before and after each turn, or before and after the turn of this member. */
  readonly among: readonly string[] | ((member: Member) => readonly string[]);
  /** The order of turns. */
  readonly order: (members: readonly Member[]) => readonly Member[];
}

/**
 * What a running cluster could fail on is done one member at a time, whether it is changed, joins or leaves: the others must
 * answer before it, all must afterwards, and it is put back should it fail, up to the point of no return. Members without
 * steps have no turn.
 */
export function rolling<Member extends { readonly name: string }>(
  members: readonly Member[],
  turnOf: (member: Member) => Turn,
  { among, order }: RollingOptions<Member>,
): readonly Wave[] {
  const turns = order(members)
    .map((member) => ({ member, turn: turnOf(member) }))
    .filter(({ turn }) => turn.steps.length > 0);
  return turns.map(({ member, turn }, at) => {
    const { title, host = member.name, steps, undo, undone, pointOfNoReturn, gate = [] } = turn;
    const counted = typeof among === 'function' ? among(member) : among;
    const well = allWell(counted);
    // What the turn was for does not hold once it is put back.
    const back = undone ? allWell(undone) : gate.length > 0 && undo.length > 0 ? well : undefined;
    const isPassed = steps.some(({ kind }) => kind === pointOfNoReturn);
    return {
      title,
      turn: { number: at + 1, of: turns.length },
      before: allWell(
        counted.filter((name) => name !== member.name),
        turn.ends,
      ),
      lanes: [onHost(host, steps)],
      gate: [...well, ...gate],
      undo: undo.length === 0 ? [] : [onHost(host, undo)],
      ...(back && { undone: back }),
      ...(isPassed && { pointOfNoReturn }),
    };
  });
}

/** A member that does not answer has nothing to lose, and the others wait for the gate behind it; the leader comes last. */
export function leaderLast<Member extends ObservedMember>(
  members: readonly Member[],
): readonly Member[] {
  const rank = ({ found, answers, leads }: Member) =>
    found !== undefined && !answers ? 0 : leads ? 2 : 1;
  return members.toSorted((a, b) => rank(a) - rank(b));
}

/** As they are given: who joins or leaves when has been decided. */
export function inGivenOrder<Member>(members: readonly Member[]): readonly Member[] {
  return members;
}
