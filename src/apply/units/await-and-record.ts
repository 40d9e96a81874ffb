import type { Host } from '../../host/host.ts';
import type { LogPlace } from '../../plan/carried.ts';
import { readBeginning, recordIfPossible } from '../files/record-log.ts';
import { type Awaited, awaitReady } from './await-ready.ts';

/**
 * Waits until a member is ready, and records which log it has then; what has to be known for that is read in the same round
 * trip. Throws NotReady.
 */
export async function awaitAndRecord(
  host: Host,
  log: LogPlace,
  awaited: Omit<Awaited, 'wal' | 'whenReady'>,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const whole = { ...awaited, wal: log.wal, whenReady: readBeginning(log) };
  const beginning = await awaitReady(host, whole, seconds, signal);
  await recordIfPossible(host, log, host.name, beginning);
}
