import { rollOut } from '../apply/roll-out.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherMember } from '../facts/member.ts';
import { askRestore } from '../facts/restore.ts';
import { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';
import { type HalfRestored, mayHaveServed, planPutBack } from '../plan/put-back.ts';
import type { Shipment } from '../snapshot/upload.ts';
import { showFor } from './carry-out.ts';
import { changeOf } from './change.ts';
import { openKeyring } from './open-keyring.ts';
import type { Operation } from './operation.ts';

export interface RestoreLimits {
  readonly inventory: string;
  readonly passphraseFrom?: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
}

/**
 * Does what a restore's plan says. Where it fails after members were stopped and before the restored cluster had quorum,
 * the former data and configuration are put back and started. Throws a Failure that says what is the case then.
 */
export async function carryOutRestore(
  operation: Operation,
  plan: Plan,
  facts: ClusterFacts,
  snapshot: Shipment,
  limits: RestoreLimits,
): Promise<void> {
  const { desired, hosts, store, stop } = operation;
  const keyring = await openKeyring(plan, facts, limits.passphraseFrom);
  const site = { desired, hosts, store, stop, keyring, snapshot };
  const times = { now: facts.now, timeout: limits.timeout };
  const show = showFor(limits);
  await operation.change(changeOf(plan), async () => {
    try {
      await rollOut(plan, { ...site, ...times }, show);
    } catch (error) {
      // Who interrupts the run decides himself how it goes on; a host that is lost decides nothing.
      if (!(error instanceof Failure) || (stop.aborted && !isHostLost(stop))) throw error;
      throw await afterFailure(error, operation, limits, async (back) => {
        const { stop: _stop, ...unstopped } = site;
        await rollOut(back, { ...unstopped, ...times }, show);
      });
    }
  });
}

/** Whether the run stops because the connection to a host broke, and not for a person or for another run. */
function isHostLost({ reason }: AbortSignal): boolean {
  return reason instanceof Failure && reason.reason === 'unreachable';
}

/** The failure with what was done about it. */
async function afterFailure(
  failure: Failure,
  operation: Operation,
  { inventory }: RestoreLimits,
  act: (plan: Plan) => Promise<void>,
): Promise<Failure> {
  const { desired } = operation;
  const half = await lookAtHalfRestored(operation);
  const told = (outcome: string, next: string) =>
    new Failure(failure.reason, `${failure.message}\n  ${outcome}`, {
      next,
      cause: failure.cause,
      evidence: failure.evidence,
    });
  const again = 'mend the cause and run the same command again: it goes on where it stopped';
  if (half.size * 2 <= desired.members.length) {
    return told(
      `only ${half.size} of ${desired.members.length} members can be asked, too few to put the former data back`,
      `bring back the way to the hosts and run the same command again; or go back: provision restore ${inventory} --undo`,
    );
  }
  if (!hasBegun(half)) {
    return told('no member was stopped, no data was moved: the cluster is what it was', again);
  }
  if (mayHaveServed(desired, half)) {
    return told(
      'the restored cluster has had quorum, or may have had: the former data stays aside',
      `${again}; or give up what was written since and go back: provision restore ${inventory} --undo`,
    );
  }
  const back = planPutBack(desired, half);
  try {
    await act(back);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return told(
      `the former data could not be put back: ${error.message}`,
      `mend the cause, then: provision restore ${inventory} --undo`,
    );
  }
  const served = [...half.values()].some(({ found }) => found.intent?.served === true);
  const silent = desired.members.filter(({ name }) => !half.has(name)).map(({ name }) => name);
  const without =
    silent.length > 0 ? `, except on ${silent.join(', ')}, which cannot be reached` : '';
  return told(
    `the former data was put back${without}${served ? ', and the former cluster answers' : ''}`,
    'mend the cause and run the same command again',
  );
}

/** What can be seen of every host that can be asked. */
export async function lookAtHalfRestored({
  desired,
  hosts,
  store,
}: Pick<Operation, 'desired' | 'hosts' | 'store'>): Promise<ReadonlyMap<string, HalfRestored>> {
  const looks = desired.members.map(
    async (member): Promise<readonly (readonly [string, HalfRestored])[]> => {
      const host = hosts.get(member.name);
      if (host === undefined) return [];
      try {
        const [facts, found] = await Promise.all([
          gatherMember(host, desired, member, store),
          askRestore(host, desired),
        ]);
        return [[member.name, { facts, found }]];
      } catch (error) {
        // A host that cannot be asked is left out: it is why the restore failed, or it died meanwhile.
        if (error instanceof Failure) return [];
        throw error;
      }
    },
  );
  return new Map((await Promise.all(looks)).flat());
}

/** Whether anything was taken from the former cluster. */
function hasBegun(half: ReadonlyMap<string, HalfRestored>): boolean {
  return [...half.values()].some(({ facts, found: { intent, asides } }) => {
    if (intent === undefined) return false;
    const isStopped = intent.ran && facts.unit.pid === 0;
    return isStopped || asides.includes(intent.began);
  });
}
