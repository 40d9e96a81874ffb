import type { Host } from '../host/host.ts';
import { HostError, must } from '../host/host-error.ts';
import { printable } from '../host/printable.ts';
import { type Holder, readHolder } from './holder.ts';
import { evict, look } from './lock-script.ts';
import { refuseStrangeFile } from './strange-file.ts';

/** The lock as one host sees it. */
export interface LockState {
  readonly held: boolean;
  /** Who has it or had it last, unless that run ended as it should. */
  readonly holder: Holder | undefined;
  /** What has the lock and is not a run of provision: `4711 nobody sleep`. */
  readonly strangers: readonly string[];
  /** Seconds since the holder last gave a sign of life. */
  readonly silentFor: number | undefined;
}

/** Looks at the lock on a host; takes nothing from anybody. Throws a HostError when the host cannot say. */
export async function lockState(host: Host, cluster: string): Promise<LockState> {
  const result = await host.run(look(cluster));
  refuseStrangeFile(host, cluster, result);
  if (result.exitCode !== 0)
    throw new HostError(host.name, `look at the lock of ${cluster}`, result);
  return readLockState(result.stdout);
}

/** What a host said of its lock. */
export function readLockState(said: string): LockState {
  const [state, clocks = '', holder = '', ...processes] = said.split('\n');
  const [now, beat] = clocks.split(' ');
  const held = state === 'held';
  return {
    held,
    holder: readHolder(holder),
    strangers: held ? processes.map(printable).filter((line) => line !== '') : [],
    silentFor: held && beat ? Math.max(0, Number(now) - Number(beat)) : undefined,
  };
}

/** Takes the lock away from the run with this id, which notices and stops. Throws a HostError when it stays held. */
export async function evictHolder(host: Host, cluster: string, id: string): Promise<void> {
  await must(host, `take the lock of ${cluster} from its holder`, evict(cluster, id));
}
