/** Whoever a gate asks. */
export const ALL = 'all';

/** How long one step took, in seconds. */
export interface Timing {
  readonly host: string;
  readonly what: string;
  readonly seconds: number;
}
