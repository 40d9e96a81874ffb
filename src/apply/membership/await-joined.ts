import type { Host } from '../../host/host.ts';
import type { MembershipStepOf } from '../../plan/membership-step.ts';
import type { StepContext } from '../step-context.ts';
import { awaitAndRecord } from '../units/await-and-record.ts';

/** Times the seconds that a member has to start: five minutes of the usual two. */
const PATIENCE = 2.5;

/** Seconds a member that joins may make no progress. */
export function learnerPatience({ timeout }: Pick<StepContext, 'timeout'>): number {
  return timeout * PATIENCE;
}

/**
 * Waits until a member that has just been added is ready: it first receives all that the cluster holds, which takes as long
 * as it takes. Throws NotReady when its unit fails, or when it has received nothing for too long.
 */
export async function awaitJoined(
  host: Host,
  { unit, emptyStart, log, data }: MembershipStepOf<'await-joined'>,
  site: Pick<StepContext, 'timeout'>,
  signal: AbortSignal,
): Promise<void> {
  const awaited = { unit, emptyStart: emptyStart === true, growing: data };
  return awaitAndRecord(host, log, awaited, learnerPatience(site), signal);
}
