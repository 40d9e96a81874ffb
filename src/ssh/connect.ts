import type { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Ask } from './secrets.ts';
import type { Target } from './target.ts';

export interface ConnectOptions {
  /** Connections made at the same time. */
  readonly concurrency: number;
  /** Asks for passphrases and passwords; without it nobody is asked. */
  readonly ask?: Ask;
  /** Ends the connecting; what is connected stays so. */
  readonly signal?: AbortSignal;
}

/** Connects to every target side by side; each becomes a host or the Failure that says why not, in the same order. */
export async function connectAll(
  targets: readonly Target[],
  options: ConnectOptions,
): Promise<readonly (Host | Failure)[]> {
  // ssh2 takes 50 ms to load, so only those pay who connect.
  const { openAll } = await import('./open-all.ts');
  return openAll(targets, options);
}
