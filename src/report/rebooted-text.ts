/** What came of a rolling reboot. */
export interface Rebooted {
  readonly cluster: string;
  /** The members whose hosts run as another boot now, in the order of the inventory. */
  readonly rebooted: readonly string[];
  /** Members that it was done without. */
  readonly away: readonly string[];
}

/** The same in one line. */
export function rebootedText({ cluster, rebooted, away }: Rebooted): string {
  const who = away.length === 0 ? 'all members' : `all but ${away.join(', ')}`;
  if (rebooted.length === 0)
    return `${cluster}: the reboot that did not come to its end is over now: all its hosts have come up since it began, ${who} answer, and a write was taken`;
  const all = rebooted.length === 1 ? 'it has' : 'all have';
  return `${cluster}: rebooted ${rebooted.join(', ')}; ${all} come back, ${who} answer, and a write was taken`;
}
