import { setTimeout as sleep } from 'node:timers/promises';
import type { KvClient } from './kv-client.ts';
import type { Trouble } from './observation.ts';
import { type Change, Compacted, type WatchStream } from './watch-stream.ts';

/** Something is written all the time: a watch that tells nothing for so long is not going to. */
const SILENCE = 2000;
const PAUSE = 50;

export interface Watched {
  readonly url: string;
  readonly client: Pick<KvClient, 'watch'>;
}

export interface Watcher {
  /** Whether this value of this key was seen. */
  saw(key: string, value: string): boolean;
  /** What breaks the history: a revision left out, out of order, or seen twice. */
  readonly disordered: readonly string[];
  /** Why watching had to go on at another member. */
  readonly breaks: readonly Trouble[];
  /** Watches for what is still missing until all of it was seen, for the given time at most, then ends. */
  stop(
    missing: () => readonly string[],
    milliseconds: number,
  ): Promise<{ readonly missed: readonly string[] }>;
}

/**
 * Follows the whole history of a cluster from revision 1 on, as a cache does: at one member until that one tells nothing or
 * breaks off, then at the next one from the revision after the last seen. Etcd makes one revision for each transaction, so
 * the history is whole when each follows the one before. What was compacted away beforehand nobody can see.
 */
export function watcher(members: () => readonly Watched[], prefix: string): Watcher {
  const seen = new Set<string>();
  const disordered: string[] = [];
  const breaks: Trouble[] = [];
  let last = 0n;
  // A watcher that begins, or begins again behind a compaction, does not know which revision comes first.
  let joins = true;
  let lastKeys = new Set<string>();
  let heard = Date.now();
  let stream: WatchStream | undefined;
  let stopping = false;

  const take = ({ revision, key, value }: Change): void => {
    if (revision === last && lastKeys.has(key)) disordered.push(`${key} twice at ${revision}`);
    else if (revision < last) disordered.push(`${revision} behind ${last}`);
    else if (revision > last + 1n && !joins) disordered.push(`${revision} after ${last}`);
    joins = false;
    if (revision > last) lastKeys = new Set();
    lastKeys.add(key);
    if (revision > last) last = revision;
    if (key.startsWith(prefix) && value !== undefined) seen.add(`${key}\0${value}`);
  };

  const follow = async (): Promise<void> => {
    for (let turn = 0; !stopping; turn += 1) {
      const all = members();
      const member = all[turn % Math.max(1, all.length)];
      if (member === undefined) break;
      heard = Date.now();
      try {
        const onBytes = () => {
          heard = Date.now();
        };
        stream = member.client.watch(last + 1n, (changes) => changes.forEach(take), onBytes);
        const why = await stream.ended;
        if (why instanceof Compacted) {
          last = why.revision - 1n;
          joins = true;
        } else if (!stopping) breaks.push({ at: Date.now(), url: member.url, why: why.message });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        breaks.push({ at: Date.now(), url: member.url, why });
      }
      await sleep(PAUSE);
    }
  };
  const following = follow();
  const impatience = setInterval(() => {
    if (Date.now() - heard > SILENCE) stream?.close();
  }, PAUSE);

  return {
    saw: (key, value) => seen.has(`${key}\0${value}`),
    disordered,
    breaks,
    async stop(missing, milliseconds) {
      const until = Date.now() + milliseconds;
      while (missing().length > 0 && Date.now() < until) await sleep(PAUSE);
      stopping = true;
      clearInterval(impatience);
      stream?.close();
      await following;
      return { missed: missing() };
    },
  };
}
