import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits so many milliseconds between two looks. Throws the reason of the signal as soon as that is aborted: what is told
 * then is who ended the wait, never that its time was over.
 */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
