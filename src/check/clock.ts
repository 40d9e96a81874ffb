import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { sh } from '../shell/command.ts';

/** A host's clock beside ours. */
export interface Clock {
  /** Seconds it is ahead of ours; negative when behind. */
  readonly ahead: number;
  /** By how many seconds that may be wrong. */
  readonly doubt: number;
}

/** Asks a host for the time; the answer cannot be older than the question. Throws a HostError. */
export async function askClock(host: Host): Promise<Clock> {
  const asked = Date.now() / 1000;
  const { stdout } = await must(host, 'read its clock', sh`date +%s.%N`);
  const answered = Date.now() / 1000;
  return { ahead: Number(stdout) - (asked + answered) / 2, doubt: (answered - asked) / 2 };
}
