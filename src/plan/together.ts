import { allWell } from './gate.ts';
import type { HostLane } from './lane.ts';
import type { Wave } from './plan.ts';

/** Where nobody answers there is no quorum to keep: members change side by side, and all that count must answer then. */
export function together(
  title: string,
  lanes: readonly HostLane[],
  { among }: { readonly among: readonly string[] },
): readonly Wave[] {
  const busy = lanes.filter(({ steps }) => steps.length > 0);
  return busy.length === 0 ? [] : [{ title, lanes: busy, gate: allWell(among), undo: [] }];
}

/** What nobody counts on any more stops, and nobody is asked: a cluster that is to serve no one, what is left of a member. */
export function stopping(title: string, lanes: readonly HostLane[]): readonly Wave[] {
  return together(title, lanes, { among: [] });
}

/** What changes the data of members that stand still, with all else that is brought beside it: nobody is asked. */
export function whileStopped(title: string, lanes: readonly HostLane[]): readonly Wave[] {
  return together(title, lanes, { among: [] });
}
