import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

/** PROVISION_E2E=all tries every version and every step; without it a few stand for the rest. */
export const everything = process.env.PROVISION_E2E === 'all';

/** What a sample is drawn with: PROVISION_SEED, which `npm test` sets and prints, or this day. */
export const seed = process.env.PROVISION_SEED ?? new Date().toISOString().slice(0, 10);

/** `few` of the list, drawn by the seed and in the list's order, or the whole list when everything is tried. */
export function extent<T>(list: readonly T[], few: number): readonly T[] {
  return everything ? list : sample(list, few, seed);
}

/** `few` of the list in its order: the same ones for the same seed, each equally likely over many seeds. */
export function sample<T>(list: readonly T[], few: number, drawnWith: string): readonly T[] {
  const rank = (item: T, at: number) =>
    createHash('sha256')
      .update(`${drawnWith}\n${at}\n${inspect(item, { depth: 4 })}`)
      .digest('hex');
  const drawn = list
    .map((item, at) => ({ at, rank: rank(item, at) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, few)
    .map(({ at }) => at);
  return list.filter((_, at) => drawn.includes(at));
}
