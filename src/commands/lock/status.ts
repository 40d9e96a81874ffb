import { describeHolder } from '../../lock/holder.ts';
import { type LockState, lockState } from '../../lock/inspect.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import type { lookOptions } from '../options/look.ts';

/** Shows for every host whether a run has the cluster's lock: whose, doing what, when it last gave a sign of life. */
export async function lockStatus(args: ArgumentsOf<typeof lookOptions>): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async ({ desired, hosts, unreachable }) => {
    const states = await Promise.all(
      [...hosts].map(async ([name, host]) => [name, await lockState(host, desired.name)] as const),
    );
    if (args.json) {
      const found = Object.fromEntries(states);
      console.log(JSON.stringify({ cluster: desired.name, hosts: found }));
      return;
    }
    for (const [name, state] of states) console.log(`${name}: ${describeLock(state)}`);
    for (const { message } of unreachable.values()) console.log(message);
  });
}

/** The lock of one host in words. */
export function describeLock({ held, holder, silentFor, strangers }: LockState): string {
  if (strangers.length > 0)
    return `locked by ${strangers.map(describeStranger).join(' and ')}, not by a run of provision`;
  const who = holder === undefined ? 'an unknown run' : describeHolder(holder);
  if (!held) return holder === undefined ? 'free' : `free; cut off: ${who}`;
  const sign = silentFor === undefined ? '' : `, last sign of life ${Math.round(silentFor)} s ago`;
  return `locked by ${who}${sign}`;
}

/** `4711 nobody sleep` in words. */
export function describeStranger(stranger: string): string {
  const [pid, account, ...name] = stranger.split(' ');
  return `process ${pid} (${name.join(' ')}) of ${account}`;
}
