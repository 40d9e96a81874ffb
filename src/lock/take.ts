import { setTimeout as sleep } from 'node:timers/promises';
import { majority } from '../etcd/quorum.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { describeHolder, type Holder, isGone } from './holder.ts';
import { BEAT, CHANGING, END, keep, NOTE, PATIENCE_SECONDS } from './lock-script.ts';
import { type LockSession, startLockSession } from './lock-session.ts';

const BEAT_SECONDS = 5;
/** Longer than anybody only looks at the lock. */
const FIRST_WAIT_SECONDS = 1;
/** Long enough for who lost the race for the first host to let the others go. */
const OTHERS_WAIT_SECONDS = 3;
const PAUSE_SECONDS = 1;

/** The lock of a cluster while it is ours. */
export interface Lease {
  /** Aborted with a Failure as soon as one host no longer keeps the lock for us. */
  readonly lost: AbortSignal;
  /** What was seen of the hosts before this moment (`performance.now()`) may have been changed by another run since. */
  readonly quietSince: number;
  /** The run before this one, where it was cut off. */
  readonly cut: Holder | undefined;
  /** From now on a cut is worth a line in the hosts' history. */
  changing(): void;
  /** Gives the lock back on one host, which the others keep meanwhile; what is returned takes it there again. */
  leave(host: string): Promise<() => Promise<void>>;
  /** Frees the lock; the line goes into the history of every host. */
  release(line?: string): Promise<void>;
}

/** Another run has the lock. */
export class Locked extends Failure {
  override readonly name = 'Locked';
  readonly holder: Holder | undefined;

  constructor(cluster: string, host: string, holder: Holder | undefined) {
    const who = holder === undefined ? 'another run' : describeHolder(holder);
    super('locked', `${cluster}: locked on ${host} by ${who}`, {
      next: [
        remedy`add --lock-wait 300 to wait for it; ${provision('lock', 'status', INVENTORY)} shows whether it lives`,
      ],
    });
    this.holder = holder;
  }
}

/**
 * Takes the lock on every connected host at once, which must be most of the members: two runs then meet on one host at
 * least, and flock lets one pass. The run that gets the first host by name may wait for the others, so of two runs that start
 * together one wins. Throws Locked, or a Failure when a host cannot keep the lock.
 */
export async function takeLock(
  cluster: string,
  hosts: readonly Host[],
  memberCount: number,
  holder: Holder,
  cutLine: string,
): Promise<Lease> {
  if (hosts.length < majority(memberCount)) {
    throw new Failure(
      'unreachable',
      `${cluster}: only ${hosts.length} of ${memberCount} members can be reached, too few to lock the cluster`,
      {
        next: [
          remedy`bring back the hosts, or take those that are gone for good out of the inventory`,
        ],
      },
    );
  }
  const start = (host: Host, wait: number) =>
    startLockSession(host, cluster, keep(cluster, holder, cutLine, wait));
  const keepers = hosts
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((host, index) => start(host, index === 0 ? FIRST_WAIT_SECONDS : OTHERS_WAIT_SECONDS));
  const again = async (name: string) => {
    const host = hosts.find((one) => one.name === name);
    if (host === undefined) throw new TypeError(`${name} keeps no lock`);
    const keeper = start(host, OTHERS_WAIT_SECONDS);
    const said = await keeper.answer;
    if (said.kind === 'held') throw new Locked(cluster, name, said.by);
    return keeper;
  };
  try {
    const answers = await Promise.all(
      keepers.map(async ({ host, answer }) => {
        const said = await answer;
        if (said.kind === 'held') throw new Locked(cluster, host, said.by);
        return { ...said, quietSince: performance.now() - said.quietFor * 1000 };
      }),
    );
    return {
      ...keepBeating(cluster, keepers, again),
      quietSince: Math.max(...answers.map(({ quietSince }) => quietSince)),
      cut: answers.find(({ cut }) => cut !== undefined)?.cut,
    };
  } catch (error) {
    // Not waited for: a keeper that still waits for its turn reads this when it gets it.
    for (const keeper of keepers) void keeper.end(END);
    throw error;
  }
}

/**
 * The same, trying again for so many seconds while another run has the lock. A run of this machine that is gone is
 * always waited for: hosts it lost the connection to free the lock by themselves, but not at once.
 */
export async function takeLockWithin(
  seconds: number,
  attempt: () => Promise<Lease>,
  onWait: (sentence: string) => void,
  signal?: AbortSignal,
): Promise<Lease> {
  const began = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Locked)) throw error;
      const { message, holder } = error;
      const wait = Math.max(seconds, holder && isGone(holder) ? PATIENCE_SECONDS + 5 : 0);
      if (performance.now() >= began + wait * 1000) throw error;
      if (isFirst) onWait(`${message}; waiting for up to ${wait} s`);
      await sleep(PAUSE_SECONDS * 1000, undefined, { ...(signal && { signal }) });
    }
  }
}

function keepBeating(
  cluster: string,
  first: readonly LockSession[],
  again: (host: string) => Promise<LockSession>,
): Pick<Lease, 'lost' | 'changing' | 'leave' | 'release'> {
  const keepers = new Map(first.map((keeper) => [keeper.host, keeper]));
  const loss = new AbortController();
  let isChanging = false;
  const all = (text: string) => {
    for (const keeper of keepers.values()) keeper.write(text);
  };
  const watch = ({ lost }: LockSession) => {
    // The other hosts keep it until it is released: what was begun there may have to be taken back.
    lost.catch((failure) => loss.abort(failure));
  };
  let last = Date.now();
  const heart = setInterval(() => {
    // After a standstill (a suspended laptop, SIGSTOP) this comes before any news from the hosts.
    const still = (Date.now() - last) / 1000;
    if (still > PATIENCE_SECONDS) loss.abort(stoodStill(cluster, still));
    last = Date.now();
    all(BEAT);
  }, BEAT_SECONDS * 1000);
  for (const keeper of first) watch(keeper);
  return {
    lost: loss.signal,
    changing: () => {
      isChanging = true;
      all(CHANGING);
    },
    leave: async (host) => {
      const keeper = keepers.get(host);
      keepers.delete(host);
      await keeper?.end(END);
      return async () => {
        const back = await again(host);
        keepers.set(host, back);
        watch(back);
        if (isChanging) back.write(CHANGING);
      };
    },
    release: async (line) => {
      clearInterval(heart);
      const last = line === undefined ? END : `${NOTE}${line}`;
      await Promise.all([...keepers.values()].map((keeper) => keeper.end(last)));
    },
  };
}

function stoodStill(cluster: string, seconds: number): Failure {
  return new Failure(
    'locked',
    `${cluster}: this run stood still for ${Math.round(seconds)} s, so it no longer keeps the lock and does nothing more`,
    { next: [remedy`run the same command again: it looks at the hosts and goes on from there`] },
  );
}
