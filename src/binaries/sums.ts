/** A SHA256SUMS file as a map from file name to hexadecimal digits; lines of another form are left out. */
export function readSums(text: string): ReadonlyMap<string, string> {
  const rows = text.split('\n').map((line) => /^([0-9a-f]{64}) [ *](\S+)$/.exec(line.trimEnd()));
  return new Map(rows.flatMap((row) => (row?.[1] && row[2] ? [[row[2], row[1]] as const] : [])));
}

/** The text `sha256sum --check` reads. */
export function writeSums(sums: ReadonlyMap<string, string>): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join('');
}
