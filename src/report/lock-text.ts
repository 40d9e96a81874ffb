import { describeHolder } from '../lock/holder.ts';
import type { LockState } from '../lock/inspect.ts';
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
