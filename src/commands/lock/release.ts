import { Failure } from '../../failure/failure.ts';
import { throwTogether } from '../../failure/together.ts';
import { describeHolder } from '../../lock/holder.ts';
import { evictHolder, lockState } from '../../lock/inspect.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { describeLock, describeStranger } from '../../report/lock-text.ts';
import { agreed } from '../../run/ask.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lockReleaseOptions } from './options.ts';

/** Takes the lock away from the run that has it, after showing which; that run stops before its next step. */
export async function lockRelease(args: ArgumentsOf<typeof lockReleaseOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async ({ desired, hosts }) => {
    const { name } = desired;
    const states = await Promise.all(
      [...hosts].map(async ([host, on]) => [host, on, await lockState(on, name)] as const),
    );
    const foreign = states.flatMap(([host, , { strangers }]) =>
      strangers.map((stranger) => ({ host, stranger })),
    );
    if (foreign.length > 0) throw heldByOthers(name, foreign);
    const nameless = states.filter(([, , { held, holder }]) => held && holder === undefined);
    if (nameless.length > 0)
      throw justTaken(
        name,
        nameless.map(([host]) => host),
      );
    const held = states.flatMap(([host, on, state]) =>
      state.held && state.holder !== undefined ? [{ host, on, state, holder: state.holder }] : [],
    );
    if (held.length > 0) {
      for (const { host, state } of held) console.error(`${host}: ${describeLock(state)}`);
      const whom = [...new Set(held.map(({ holder }) => describeHolder(holder)))].join('; ');
      if (!args.yes) await agreed(`Take the lock of ${name} from ${whom}?`);
    }
    const results = await Promise.allSettled(
      held.map(({ on, holder }) => evictHolder(on, name, holder.id)),
    );
    throwTogether(results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
    const released = held.map(({ host }) => host);
    console.log(
      args.json
        ? JSON.stringify({ cluster: name, released })
        : released.length === 0
          ? `${name}: is not locked`
          : `${name}: free on ${released.join(', ')}`,
    );
  });
}

// What took it may be anything, so whether it may end is for a person to say.
function heldByOthers(
  cluster: string,
  foreign: readonly { readonly host: string; readonly stranger: string }[],
): Failure {
  const who = foreign.map(({ host, stranger }) => `${host}: ${describeStranger(stranger)}`);
  const kills = foreign.map(({ host, stranger }) => `kill ${stranger.split(' ')[0]} on ${host}`);
  return new Failure(
    'refused',
    `the lock of ${cluster} is not held by a run of provision, but by ${who.join('; ')}`,
    { next: [remedy`see what it is, then end it as root: ${kills.join('; ')}`] },
  );
}

function justTaken(cluster: string, hosts: readonly string[]): Failure {
  return new Failure(
    'failed',
    `the lock of ${cluster} is held on ${hosts.join(', ')}, by which run is not written there yet`,
    {
      next: [remedy`${provision('lock', 'status', INVENTORY)} a second later says who holds it`],
    },
  );
}
