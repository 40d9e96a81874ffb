import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Outcome } from '../../../src/lab/local-command.ts';

const LOOKS = 5;

/** Doctor finds nothing within some seconds, though what was wrong a moment ago still stands in the journals. */
export async function nothingWrong(
  t: ExecutionContext,
  doctor: () => Promise<Outcome>,
): Promise<void> {
  let found = await doctor();
  for (let looks = 1; looks < LOOKS && found.exitCode !== 0; looks++) {
    await sleep(1000);
    found = await doctor();
  }
  t.is(found.exitCode, 0, found.stdout + found.stderr);
}
