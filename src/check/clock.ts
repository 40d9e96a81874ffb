import { askTimed, type Clock } from '../facts/host/clock.ts';
import type { Host } from '../host/host.ts';

/** A host's clock with nothing else asked beside it, which would make it less sure. Throws a HostError. */
export async function askClock(host: Host): Promise<Clock> {
  const { clock } = await askTimed(host, {});
  return clock;
}
