/** Lets a unit start once without a log of its own; its start takes it away, and a reboot does. */
export function emptyStartToken(unit: string): string {
  return `/run/provision/${unit}.empty-start`;
}
