import type { Remedy } from '../problem/remedy.ts';

/** Why a member is as it is: one cause, what shows it, what to do. */
export interface Diagnosis {
  readonly name: string;
  /** The rule or the row of the table of causes that found it; `unknown` where none did. */
  readonly kind: string;
  readonly cause: string;
  /** Lines that show it, newest last. */
  readonly evidence: readonly string[];
  /** What may help, not held against what was observed yet. */
  readonly next: readonly Remedy[];
}

/** A cause that a rule has found, about the member it was asked about. */
export type Cause = Omit<Diagnosis, 'name'>;
