import type { Failure } from '../failure/failure.ts';

/** A host that could not be asked. */
export interface Unreachable {
  /** Why. */
  readonly unreachable: Failure;
}

/** What one look at a host tells, or why it tells nothing. */
export type Look<Facts extends object> = Facts | Unreachable;

/** Whether a host was looked at and told something. */
export function isSeen<Facts extends object>(look: Look<Facts> | undefined): look is Facts {
  return look !== undefined && !('unreachable' in look);
}
