import { Failure } from '../failure/failure.ts';
import type { HistoryEntry, Run } from '../history/history-entry.ts';
import { entryLine } from '../history/history-entry.ts';
import { rememberHere } from '../history/local.ts';
import type { Lease } from '../lock/take.ts';
import type { RunOperationHook } from './operation-hooks.ts';

/** What is about to change. */
export interface Change {
  /** In few words. */
  readonly changes: string;
  /** The first digits of the plan's sha256. */
  readonly plan?: string;
}

export interface EndedRun {
  readonly run: Run;
  /** What was changed, at least in part; nothing when the run ended before that. */
  readonly change: Change | undefined;
  /** What it failed with. */
  readonly error: unknown;
  readonly lease: Promise<Lease>;
  readonly hook: RunOperationHook;
}

/**
 * What follows a run however it ended: its line in the histories, the lock freed, the hook that waits for it. Throws the
 * Failure of an `after-…` hook; where the run itself failed its own error is the one to be told.
 */
export async function concludeRun({ run, change, error, lease, hook }: EndedRun): Promise<void> {
  const entry = change && entryOf(run, change, error);
  await lease.then(
    ({ release }) => release(entry && entryLine(entry)),
    () => {
      // Never ours, so there is nothing to free.
    },
  );
  if (change === undefined || entry === undefined) return;
  await rememberHere(entry).catch((cause: Error) => {
    console.error(`warning: this machine's history could not be written: ${cause.message}`);
  });

  const told = { ...change, result: entry.result, seconds: entry.seconds, error: entry.why };
  if (error === undefined) return hook(`after-${run.command}`, told);
  await hook('after-failure', told).catch((failure: Error) => {
    console.error(`warning: ${failure.message}`);
  });
}

function entryOf(run: Run, change: Change, error: unknown): HistoryEntry {
  return {
    ...run,
    ...change,
    result: error === undefined ? 'done' : resultOf(error),
    seconds: Math.round((Date.now() - Date.parse(run.at)) / 100) / 10,
    why: error === undefined ? undefined : String(error instanceof Error ? error.message : error),
  };
}

function resultOf(error: unknown): HistoryEntry['result'] {
  if (!(error instanceof Failure)) return 'failed';
  return error.reason === 'interrupted' || error.reason === 'paused' ? error.reason : 'failed';
}
