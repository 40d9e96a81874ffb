import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { authMethods, type Means } from './auth-methods.ts';
import type { Hop } from './hop.ts';
import { readRecords } from './host-key.ts';
import { Dropped, type Link, OtherKey, openLink } from './link.ts';

const TRIES = 6;

/** Logs in at a hop, patiently: a connection dropped before the login is made again. Throws a Failure. */
export async function openVerified(
  hop: Hop,
  means: Means,
  socket: () => Promise<Duplex>,
  signal?: AbortSignal,
): Promise<Link> {
  const [records, ways] = await Promise.all([readRecords(hop), authMethods(hop, means)]);
  const notTypes: string[] = [];
  let otherwise: Failure | undefined;

  for (let attempt = 1; ; attempt++) {
    try {
      signal?.throwIfAborted();
      const handshake = { hop, records, ways, notTypes, otherwise, signal };
      return await openLink({ ...handshake, socket: await socket() });
    } catch (error) {
      if (error instanceof OtherKey) {
        // Asked for another type the server may show the pinned key; it has three at most.
        otherwise ??= error.failure;
        notTypes.push(error.type);
        if (notTypes.length === 3) throw otherwise;
      } else if (error instanceof Dropped && attempt < TRIES) {
        // sshd drops at random above MaxStartups; jitter keeps the next tries apart.
        const pause = 50 * 2 ** attempt * (0.5 + Math.random());
        await sleep(pause, undefined, { signal }).catch(() => signal?.throwIfAborted());
      } else if (error instanceof Dropped) {
        throw new Failure(
          'unreachable',
          `${hop.name}: ${hop.host} port ${hop.port} dropped ${TRIES} connections before the login`,
          {
            cause: error,
            next: [remedy`look there for why: journalctl -u ssh -u sshd (MaxStartups?)`],
          },
        );
      } else {
        throw error;
      }
    }
  }
}
