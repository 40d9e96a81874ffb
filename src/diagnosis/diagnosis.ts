/** Why a member is as it is: one cause, what shows it, what to do. */
export interface Diagnosis {
  readonly name: string;
  /** The rule or the row of the table of causes that found it; `unknown` where none did. */
  readonly kind: string;
  readonly cause: string;
  /** Lines that show it, newest last. */
  readonly evidence: readonly string[];
  readonly next: string;
}

/** A cause that a rule has found, about the member it was asked about. */
export type Cause = Omit<Diagnosis, 'name'>;

export const UP = 'provision up INVENTORY';

/** What to do with a member whose own data is of no use while the others answer. */
export const REPLACE =
  'the others hold its data: replace this member; keep its data directory, moved aside, until that is done';
