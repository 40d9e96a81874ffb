/** The directories that a unit of ours begins no member without: that of its data, and that of a log beside it. */
export function mountsIn(unitFile: string | undefined): readonly string[] {
  const said = /^RequiresMountsFor=(.+)$/m.exec(unitFile ?? '')?.[1] ?? '';
  return said.split(' ').filter((word) => word !== '');
}
