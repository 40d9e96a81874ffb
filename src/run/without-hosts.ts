import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { observed } from '../observed/observed.ts';
import { costsQuorum } from '../plan/absence/away.ts';
import { remedies } from '../plan/refusing/remedies.ts';
import { situationOf } from '../plan/refusing/situation.ts';
import { type Next, offered } from '../problem/remedy.ts';
import { type Needs, requireSeen } from './needs.ts';
import { observeMembers } from './observe-hosts.ts';
import type { TellAway } from './session.ts';

/** What a command has to say of members whose hosts are away. */
export type Away =
  /** It takes --without: its words. */
  | {
      readonly command: readonly string[];
      /** Words that stand behind the inventory. */
      readonly operands?: readonly string[] | undefined;
      /** Whether it does nothing beside them where the quorum cannot spare one more. */
      readonly stopsMembers?: boolean;
    }
  /** Nothing of it can be done without them, and why. */
  | { readonly because: string };

/** Of a change of CA. */
export const TRUST_OF_ALL: Away = {
  because: 'a member that comes back and trusts the old CA alone is cut off from the others',
};

/** Of a revocation. */
export const REVOKED_BY_ALL: Away = {
  because: 'a member that comes back without the revocation list lets the revoked certificate in',
};

/** Of a switch of the protocol. */
export const PROTOCOL_OF_ALL: Away = {
  because: 'a member that comes back with the old protocol does not reach the others',
};

/** Tells it of hosts that could not be reached: the others are looked at, so that only what is safe is offered. */
export function tellAway(away: Away): TellAway {
  return async (failures, around) => {
    const [first, ...others] = failures;
    if (first === undefined || around.hosts.size === 0) return failures;
    const names = [...around.unreachable.keys()];
    const { reason, message, cause, log, next } = first;
    const why = 'because' in away ? notWithout(names, away.because) : '';
    const more = 'because' in away ? [] : await offeredBeside(away, names, around);
    return [
      new Failure(reason, `${message}${why}`, { cause, log, next: [...next, ...more] }),
      ...others,
    ];
  };
}

/** Throws the failure of hosts that are needed and could not be asked, with the same. */
export function requireSeenOr(
  { desired, facts }: { readonly desired: DesiredCluster; readonly facts: ClusterFacts },
  needs: Needs,
  away: Away | undefined,
): void {
  try {
    requireSeen(facts, needs);
  } catch (error) {
    if (!(error instanceof Failure) || away === undefined) throw error;
    const { reason, message, cause, log, next, parts } = error;
    const names = observed(desired, facts).unreachable.map(({ name }) => name);
    const more = 'command' in away ? beside(away, names, desired, facts) : [];
    throw new Failure(reason, message, { cause, log, parts, next: [...next, ...more] });
  }
}

type Words = Exclude<Away, { readonly because: string }>;

async function offeredBeside(
  command: Words,
  names: readonly string[],
  around: Parameters<TellAway>[1],
): Promise<Next> {
  const members = await observeMembers({ ...around, needs: 'any-host' });
  return beside(command, names, around.desired, { members });
}

function beside(
  { command, operands, stopsMembers = false }: Words,
  names: readonly string[],
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): Next {
  if (stopsMembers && costsQuorum(desired, facts, names) !== undefined) return [];
  return offered([remedies.goOnBeside(command, names, operands)], situationOf(desired, facts));
}

function notWithout(names: readonly string[], because: string): string {
  return `; nothing of this is done without ${names.join(', ')}: ${because}`;
}
