import { allWell, type Gate } from './gate.ts';
import type { HereLane, HostLane } from './lane.ts';
import type { Wave } from './plan.ts';
import type { QuietStep } from './step.ts';

/** Steps of which none stops, starts or moves a member: what is done here does not, and not all that is done to a host. */
export type QuietLane = HereLane | HostLane<QuietStep>;

/**
 * What takes nothing from a cluster that serves happens on all hosts side by side, with no way back; no wave where nothing is
 * to be done. What stops, starts or moves a member is `rolling` or `together`: the types let none of it in here.
 */
export function unnoticed(
  title: string,
  lanes: readonly QuietLane[],
  gate: readonly Gate[] = [],
): readonly Wave[] {
  const busy = lanes.filter(({ steps }) => steps.length > 0);
  return busy.length === 0 ? [] : [quietWave(title, busy, gate)];
}

/** The same, where something is always to be done. */
export function quietWave(
  title: string,
  lanes: readonly QuietLane[],
  gate: readonly Gate[] = [],
): Wave {
  return { title, lanes, gate, undo: [] };
}

/** Nothing is done before these answer, and what else is asked is so. */
export function waiting(
  title: string,
  among: readonly string[],
  further: readonly Gate[] = [],
): readonly Wave[] {
  return [{ title, lanes: [], gate: [...allWell(among), ...further], undo: [] }];
}

/** What takes nothing from anybody at once and is taken back where what comes of it does not hold. */
export function tentative(
  title: string,
  lane: QuietLane,
  back: HostLane<QuietStep>,
  { among, gate }: { readonly among: readonly string[]; readonly gate: readonly Gate[] },
): Wave {
  const well = allWell(among);
  return {
    title,
    before: well,
    lanes: [lane],
    gate: [...well, ...gate],
    undo: [back],
    undone: well,
  };
}
