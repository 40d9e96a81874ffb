import type { Step } from '../plan/step.ts';

/** The hosts that a gate asks. */
export const ALL = 'all';

/** How long one step or gate took, in seconds. */
export interface Timing {
  readonly kind: Step['kind'] | 'gate';
  readonly host: string;
  readonly what: string;
  readonly seconds: number;
}

/**
 * How long, in seconds, writes may have stood still each time a member was restarted, where there is no other to take them:
 * from the beginning of the restart until all answered again.
 */
export function stalls(timings: readonly Timing[]): readonly number[] {
  const found: number[] = [];
  let open: number | undefined;
  for (const { kind, seconds } of timings) {
    if (kind === 'restart-unit' && open === undefined) open = 0;
    if (open !== undefined) open += seconds;
    if (kind !== 'gate' || open === undefined) continue;
    found.push(open);
    open = undefined;
  }
  return open === undefined ? found : [...found, open];
}
