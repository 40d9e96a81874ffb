/** The PEM bundle that makes these CAs trusted; the same CAs give the same text, whatever their order. */
export function trustBundle(cas: readonly ({ readonly pem: string } | undefined)[]): string {
  const texts = [...new Set(cas.flatMap((ca) => (ca === undefined ? [] : [ca.pem])))];
  // One alone is taken as it is, so that its checksum is that of the file in the store.
  if (texts.length === 1) return texts.join('');
  return texts
    .map((text) => `${text.trimEnd()}\n`)
    .sort()
    .join('');
}
