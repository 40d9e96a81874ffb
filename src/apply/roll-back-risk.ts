import { withstands } from '../etcd/quorum.ts';
import { Failure } from '../failure/failure.ts';
import { askedBy, type Gate } from '../plan/gate.ts';
import { askMembers, type GateFact } from './gates/ask-members.ts';
import type { GateContext } from './step-context.ts';

/** What members are like before some of them are put back. */
export interface OtherMembers {
  /** Others that answer a linearizable read. */
  readonly answering: readonly string[];
  /** Others that do not. */
  readonly notAnswering: readonly string[];
  /** Whether those that would be put back all answer as they are. */
  readonly ownAnswer: boolean;
  /**
   * Members that keep the quorum away while they do not answer, should `hosts` be restarted; empty where the others are
   * enough. Counted over the list that etcd holds: a member that never started counts as down. Empty too when no other
   * member answers: then there is no quorum to lose.
   */
  readonly atRisk: readonly string[];
}

/** Asks `hosts` and everybody that the gates ask besides. */
export async function surroundings(
  hosts: readonly string[],
  gates: readonly Gate[],
  site: GateContext,
): Promise<OtherMembers> {
  const others = askedBy(gates).filter((name) => !hosts.includes(name));
  const [told, asked] = await Promise.all([askEach(others, site), askMembers(hosts, site)]);
  const own = [...asked.values()];
  const answering = told.flatMap(([name, fact]) => (fact?.healthy ? [name] : []));
  const notAnswering = others.filter((name) => !answering.includes(name));
  const ownAnswer = own.every(({ healthy }) => healthy);
  const known = { answering, notAnswering, ownAnswer };
  if (answering.length === 0) return { ...known, atRisk: [] };
  const facts = told.flatMap(([, fact]) => (fact?.healthy ? [fact] : []));
  const list = facts.map(({ members }) => members?.members ?? []).find((one) => one.length > 0);
  if (list === undefined) return { ...known, atRisk: notAnswering };
  const voters = list.filter(({ isLearner }) => !isLearner);
  const left = facts.filter(({ status }) => status?.isLearner !== true).length;
  if (withstands({ voters: voters.length, answering: left }, 0)) return { ...known, atRisk: [] };
  // Those that do not answer themselves take nothing away. One more that does not answer may be about to.
  if (notAnswering.length === 0 && !own.some(({ healthy }) => healthy))
    return { ...known, atRisk: [] };
  const named = new Set([...others, ...hosts]);
  const unnamed = voters.flatMap(({ name, id }) => (named.has(name) ? [] : [name || id]));
  return { ...known, atRisk: [...notAnswering, ...unnamed] };
}

/** Those of the members that do not answer now. */
export async function whoDoesNotAnswer(
  names: readonly string[],
  site: GateContext,
): Promise<readonly string[]> {
  const told = await askEach(names, site);
  return told.flatMap(([name, fact]) => (fact?.healthy ? [] : [name]));
}

/** The gates as they ask these members only. */
export function narrowed(gates: readonly Gate[], names: readonly string[]): readonly Gate[] {
  return gates
    .map((gate) => ({ ...gate, members: gate.members.filter((name) => names.includes(name)) }))
    .filter(({ members }) => members.length > 0);
}

/** Each with what it says; undefined where its host cannot be asked, which keeps nobody else from being put back. */
function askEach(
  names: readonly string[],
  site: GateContext,
): Promise<readonly (readonly [string, GateFact | undefined])[]> {
  return Promise.all(
    names.map(async (name) => {
      try {
        return [name, (await askMembers([name], site)).get(name)] as const;
      } catch (error) {
        if (error instanceof Failure) return [name, undefined] as const;
        throw error;
      }
    }),
  );
}
