import type { Duplex } from 'node:stream';
import type { Means } from './auth-methods.ts';
import { DIAL_SECONDS, dial } from './dial.ts';
import { forward } from './forward.ts';
import type { Hop } from './hop.ts';
import type { Link } from './link.ts';
import { openVerified } from './open-verified.ts';

/** The connections to jump hosts, one each however many targets lie behind it. */
export interface Jumps {
  /** A stream to the last hop, through the ones before it. */
  readonly reach: (hops: readonly Hop[], last: Hop) => Promise<Duplex>;
  /** Ends every connection. */
  readonly close: () => void;
}

/** Connections to jump hosts, opened when first needed and again when they were lost. */
export function jumps(means: Means): Jumps {
  const links = new Map<string, Promise<Link>>();

  async function reach(hops: readonly Hop[], last: Hop): Promise<Duplex> {
    const through = hops.at(-1);
    if (through === undefined) return dial(last.host, last.port);
    const link = await linkTo(hops.slice(0, -1), through);
    return forward(link.client, through.name, last.host, last.port, DIAL_SECONDS);
  }

  async function linkTo(before: readonly Hop[], hop: Hop): Promise<Link> {
    const way = [...before, hop].map(({ user, host, port }) => `${user}@${host}:${port}`).join(' ');
    const open = await links.get(way)?.catch(() => {
      // The caller that opened it knows why it failed; the next one tries for itself.
    });
    if (open && open.lost === undefined) return open;
    const opening = openVerified(hop, means, () => reach(before, hop));
    links.set(way, opening);
    return opening;
  }

  return {
    reach,
    close: () => {
      for (const link of links.values()) {
        link.then(
          ({ client }) => client.end(),
          () => {
            // It never opened.
          },
        );
      }
    },
  };
}
