/** The timers that a cluster may have on a host beside its unit, by their unit names. */
export function timersOf(unit: string): {
  readonly snapshots: string;
  readonly maintenance: string;
} {
  return { snapshots: `${unit}-snapshot.timer`, maintenance: `${unit}-maintain.timer` };
}
