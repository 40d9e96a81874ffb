import type { Leaving } from './leaving.ts';

/** One change of the list of members: somebody comes, or somebody goes. */
export type Exchange<Coming> = { readonly coming: Coming } | { readonly going: Leaving };

/**
 * In which order members come and go that all answer: one comes, and as soon as the list is larger than it is to be, one
 * goes. So it never has more than one member too many, and a quorum never waits for machines that are about to leave. The
 * leader goes last.
 */
export function exchanged<Coming>(
  coming: readonly Coming[],
  leaving: readonly Leaving[],
  size: {
    /** How many are in the list before the first of them comes. */
    readonly now: number;
    /** How many are to be in it at last. */
    readonly meant: number;
  },
): readonly Exchange<Coming>[] {
  const left = leaving.toSorted((one, other) => Number(one.leads) - Number(other.leads));
  const order: Exchange<Coming>[] = [];
  let { now } = size;
  const letGo = (to: number) => {
    const going = left.splice(0, Math.max(0, now - to));
    now -= going.length;
    order.push(...going.map((one) => ({ going: one })));
  };
  for (const one of coming) {
    order.push({ coming: one });
    now += 1;
    letGo(size.meant);
  }
  letGo(0);
  return order;
}
