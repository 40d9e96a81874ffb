import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { hostOf, type LeftHost } from '../apply/step-context.ts';
import { Failure } from '../failure/failure.ts';
import { failedHalfWay } from '../failure/half-way.ts';
import type { Run } from '../history/history-entry.ts';
import { guard } from '../lock/guard.ts';
import { thisOperator } from '../lock/holder.ts';
import { note } from '../log/run-log.ts';
import { remedy } from '../problem/remedy.ts';
import { type Change, concludeRun } from './finish-run.ts';
import { onInterruption } from './interruption.ts';
import { hooksOf } from './operation-hooks.ts';
import { type Session, type SessionOptions, withSession } from './session.ts';

export interface OperationOptions extends SessionOptions {
  /** As lock, history and hooks name it: `up`, `certs-rotate`. */
  readonly command: string;
  /** What it was given that says how much it removes, as the run that finishes it has to know. */
  readonly option?: string | undefined;
  /** Seconds to wait for another run to end. */
  readonly lockWait: number;
}

/** A session that has the cluster to itself. Its hosts refuse commands once the lock is lost. */
export interface Operation extends Session {
  /** Aborted with a Failure when no further step may begin. */
  readonly stop: AbortSignal;
  /** Looks at the hosts while the lock is being taken, and again if another run may have changed them meanwhile. */
  observe<T>(look: () => Promise<T>): Promise<T>;
  /** Does what changes something: hooks around it, a line of history on every host and here. */
  change<T>(change: Change, work: () => Promise<T>): Promise<T>;
  /** Whether `change` has begun: then it must not be said that nothing was touched. */
  hasChanged(): boolean;
  /** Told when a step has begun that changes the cluster: a run that is refused later has failed. */
  onChange(): void;
  /** Gives the lock back on a host that is about to reboot. */
  leave(host: string): Promise<LeftHost>;
  /** Lets work come to its own end although the run is told to stop: it takes back what it began. */
  shield<T>(work: () => Promise<T>): Promise<T>;
}

/** A session in which no other run works on the cluster. Throws Locked when another one does. */
export async function withOperation<T>(
  options: OperationOptions,
  work: (operation: Operation) => Promise<T>,
): Promise<T> {
  return withSession(options, (session) => operate(session, options, work));
}

async function operate<T>(
  session: Session,
  options: OperationOptions,
  work: (operation: Operation) => Promise<T>,
): Promise<T> {
  const { members, outgoing = [] } = session.desired;
  const addresses = [...members, ...outgoing].map(({ address }) => address);
  const run = beginRun(session, options, addresses);
  const stopping = new AbortController();
  const stop = stopping.signal;
  const ignoreInterruption = onInterruption((failure) => {
    console.error('stopping after what is being done now; once more to stop at once');
    stopping.abort(failure);
  });
  const { hosts, lease } = guard(session.hosts, run, {
    memberCount: addresses.length,
    wait: options.lockWait,
    signal: stop,
    say: (sentence) => console.error(sentence),
  });
  lease.then(
    ({ lost }) => lost.addEventListener('abort', () => stopping.abort(lost.reason)),
    () => {
      // A run that waits for the lock is told.
    },
  );

  const hook = hooksOf(session, options, run);
  let changed: Change | undefined;
  let isClusterChanged = false;
  const { shield, isShielding } = shelter();
  const operation: Operation = {
    ...session,
    hosts,
    stop,
    observe: async (look) => {
      const began = performance.now();
      const [taken, seen] = await Promise.allSettled([lease, look()]);
      if (taken.status === 'rejected') throw taken.reason;
      // Another run had the lock after this look began: what was seen may be from before its last step.
      if (taken.value.quietSince > began) return look();
      if (seen.status === 'rejected') throw seen.reason;
      return seen.value;
    },
    change: async (change, work) => {
      const { changing } = await lease;
      await hook(`before-${run.command}`, change, stop);
      stop.throwIfAborted();
      note(`begins: ${change.changes}`);
      changing();
      changed = change;
      const result = await shield(work);
      if (stop.aborted) throw interrupted(run, stop.reason, changed);
      return result;
    },
    hasChanged: () => changed !== undefined,
    onChange: () => {
      isClusterChanged = true;
    },
    leave: async (name) => {
      const rejoin = await (await lease).leave(name);
      return { host: hostOf(session, name), rejoin };
    },
    shield,
  };

  // What changes something ends by itself, between two steps; everything else is left where it stands.
  const interruption = new Promise<never>((_resolve, reject) => {
    stop.addEventListener('abort', () => {
      if (!isShielding()) reject(interrupted(run, stop.reason, changed));
    });
  });
  const [outcome] = await Promise.allSettled([Promise.race([work(operation), interruption])]);
  ignoreInterruption();
  const reason = outcome.status === 'rejected' ? outcome.reason : undefined;
  const error = isClusterChanged ? failedHalfWay(reason) : reason;
  await concludeRun({ run, change: changed, error, lease, hook });
  if (outcome.status === 'rejected') throw error;
  return outcome.value;
}

function beginRun(
  { desired, file }: Session,
  { command, option }: OperationOptions,
  hosts: string[],
): Run {
  return {
    id: randomBytes(6).toString('hex'),
    cluster: desired.name,
    at: new Date().toISOString(),
    who: thisOperator(),
    command,
    option,
    hosts,
    inventory: resolve(file),
  };
}

/** Counts the pieces of work that end by themselves when the run is told to stop. */
function shelter(): Pick<Operation, 'shield'> & { readonly isShielding: () => boolean } {
  let shielded = 0;
  return {
    shield: async (work) => {
      shielded += 1;
      return work().finally(() => {
        shielded -= 1;
      });
    },
    isShielding: () => shielded > 0,
  };
}

function interrupted({ cluster }: Run, reason: unknown, changed: Change | undefined): unknown {
  if (!(reason instanceof Failure) || reason.reason !== 'interrupted') return reason;
  const state =
    changed === undefined ? 'nothing was changed' : 'the changes are made, but not verified';
  return new Failure('interrupted', `${cluster}: ${reason.message}; ${state}`, {
    next: [remedy`run the same command again: it looks at the hosts and goes on from there`],
  });
}
