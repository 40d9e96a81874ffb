/** PROVISION_E2E=all tries every version and every step; without it a few stand for the rest. */
export const everything = process.env.PROVISION_E2E === 'all';

/** The first `few` of the list, or the whole list when everything is tried. */
export function extent<T>(list: readonly T[], few: number): readonly T[] {
  return everything ? list : list.slice(0, few);
}
