import type { UnitMoment } from '../../facts/host/unit-moment.ts';
import { moments, type ReachedCluster } from './examine.ts';
import { type ExaminedHost, examinedMembers } from './examined.ts';

const LOOKS = 3;

/** What a look gives; it is not over where looking itself has ended a process. */
interface Looked {
  readonly seen: readonly ExaminedHost[];
  readonly isOver?: boolean;
}

/**
 * What `look` sees while nobody stops or starts a member: what is read of two processes in turn fits neither of them. Looks
 * again where somebody does, thrice at most. A unit that systemd itself starts again and again is as steady as it gets.
 */
export async function steadily<Look extends Looked>(
  around: ReachedCluster,
  look: () => Promise<Look>,
): Promise<Look> {
  for (let looks = 1; ; looks++) {
    const before = await moments(around);
    const looked = await look();
    if (looks === LOOKS) return looked;
    // Who could not be asked before would only be waited for again.
    const after = await moments(around, (name) => before.has(name));
    const seen = examinedMembers(looked);
    const isMoved = seen.some(({ member: { name } }) =>
      isMovedByHand(before.get(name), after.get(name)),
    );
    if (!isMoved && looked.isOver !== false) return looked;
  }
}

/** Whether somebody stopped, started or restarted a unit between two moments, or is about to; not systemd after a crash. */
export function isMovedByHand(
  before: UnitMoment | undefined,
  after: UnitMoment | undefined,
): boolean {
  if (before === undefined || after === undefined) return false;
  if (after.active === 'deactivating') return before.active !== 'deactivating';
  const hasCrashed = after.sub.startsWith('auto-restart') || after.active === 'failed';
  return !hasCrashed && after.pid !== before.pid && after.restarts === before.restarts;
}
