import type { ObservedMember } from '../observed/observed.ts';
import { allWell, type Gate } from './gate.ts';
import type { Wave } from './plan.ts';
import type { Step } from './step.ts';

/** What is done to one member when it is its turn. */
export interface Turn {
  readonly title: string;
  readonly steps: readonly Step[];
  /** What puts it back, should a step or the gate fail; empty where nothing is to be put back. */
  readonly undo: readonly Step[];
  /** What must hold before the next turn, beside that all are well. */
  readonly gate?: readonly Gate[];
}

export interface RollingOptions {
  /** Whose answers count before and after each turn. */
  readonly among: readonly string[];
  /** The order of turns; members that do not answer first and the leader last unless told. */
  readonly order?: (members: readonly ObservedMember[]) => readonly ObservedMember[];
}

/**
 * What a running member could fail on is changed one member at a time: the others must answer before it, all must
 * afterwards, and it is put back should it fail. Members without steps have no turn.
 */
export function rolling(
  members: readonly ObservedMember[],
  turnOf: (member: ObservedMember) => Turn,
  { among, order = leaderLast }: RollingOptions,
): readonly Wave[] {
  const turns = order(members)
    .map((member) => ({ host: member.name, ...turnOf(member) }))
    .filter(({ steps }) => steps.length > 0);
  return turns.map(({ host, title, steps, undo, gate = [] }, at) => ({
    title,
    turn: { number: at + 1, of: turns.length },
    before: allWell(among.filter((name) => name !== host)),
    lanes: [{ host, steps }],
    gate: [...allWell(among), ...gate],
    undo: undo.length === 0 ? [] : [{ host, steps: undo }],
  }));
}

/** A member that does not answer has nothing to lose, and the others wait for the gate behind it; the leader comes last. */
export function leaderLast(members: readonly ObservedMember[]): readonly ObservedMember[] {
  const rank = ({ found, answers, leads }: ObservedMember) =>
    found !== undefined && !answers ? 0 : leads ? 2 : 1;
  return members.toSorted((a, b) => rank(a) - rank(b));
}
