/** Which snapshots stay: those that any of the rules keeps. */
export interface Retention {
  /** The newest so many. */
  readonly last?: number | undefined;
  /** The newest of each of so many days (UTC) that have one. */
  readonly daily?: number | undefined;
  /** All younger than so many hours. */
  readonly withinHours?: number | undefined;
}

/** The snapshots that no rule keeps, the newest first. */
export function notRetained<T extends { readonly takenAt: Date }>(
  snapshots: readonly T[],
  { last = 0, daily = 0, withinHours = 0 }: Retention,
  now: Date,
): readonly T[] {
  const newestFirst = snapshots.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
  const day = ({ takenAt }: T) => takenAt.toISOString().slice(0, 10);
  const firstOfDay = newestFirst.filter(
    (one, index) => index === 0 || day(newestFirst[index - 1] ?? one) !== day(one),
  );
  const oldest = now.getTime() - withinHours * 3_600_000;
  const kept = new Set([
    ...newestFirst.slice(0, last),
    ...firstOfDay.slice(0, daily),
    ...newestFirst.filter(({ takenAt }) => takenAt.getTime() > oldest),
  ]);
  return newestFirst.filter((one) => !kept.has(one));
}
