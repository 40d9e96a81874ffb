import type { ClosedWay } from '../../facts/etcd/closed-ways.ts';
import type { Proposal } from '../../problem/problem.ts';
import { cures } from '../cures.ts';
import { isUp } from '../way-out.ts';

/** The same, where `up` would not add a newcomer that the members do not reach, or that does not reach them. */
export function withUnreached(
  diagnoses: readonly Proposal[],
  closed: ReadonlyMap<string, readonly ClosedWay[]> = new Map(),
): readonly Proposal[] {
  return diagnoses.map((one) => {
    const [name = '', ...others] = one.about;
    const ways = closed.get(name) ?? [];
    if (others.length > 0 || ways.length === 0 || !one.next.some(isUp)) return one;
    return {
      ...one,
      sentence: `${one.sentence}; up would not add it: ${ways.map(({ sentence }) => sentence).join('; ')}`,
      next: [cures.openThenUp(name)],
    };
  });
}
