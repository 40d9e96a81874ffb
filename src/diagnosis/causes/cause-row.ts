import type { Remedy } from '../../problem/remedy.ts';

/** A line of a journal that tells why a member does not come up. Rows stand in order of how much they explain. */
export interface CauseRow {
  readonly name: string;
  readonly pattern: RegExp;
  /** Whether it ends a process, keeps a running one waiting, or may do either. */
  readonly of: 'end' | 'wait' | 'either';
  /** One clause for the table; groups of the pattern may be used as $1, $2. */
  readonly cause: string;
  /** What to do about the member that says it; the same groups may be used. */
  readonly next: (member: string) => readonly Remedy[];
}
