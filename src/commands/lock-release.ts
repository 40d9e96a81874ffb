import { throwTogether } from '../failure/together.ts';
import { describeHolder } from '../lock/holder.ts';
import { evictHolder, lockState } from '../lock/inspect.ts';
import { agreed } from './ask.ts';
import type { ArgumentsOf } from './command.ts';
import { describeLock } from './lock-status.ts';
import type { lockReleaseOptions } from './options.ts';
import { withSession } from './session.ts';

/** Takes the lock away from whoever has it, after showing whom; that run stops before its next step. */
export async function lockRelease(args: ArgumentsOf<typeof lockReleaseOptions>): Promise<void> {
  await withSession({ ...args, acceptUnreachable: true }, async ({ desired, hosts }) => {
    const { name } = desired;
    const states = await Promise.all(
      [...hosts].map(async ([host, on]) => [host, on, await lockState(on, name)] as const),
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
