import type { Inventory } from '../inventory/schema.ts';
import type { DistinguishedName } from '../pki/encoding/distinguished-name.ts';

/** The inventory's common subject with this common name, and perhaps another organisation; country first, as openssl and cfssl order it. */
export function subjectOf(
  { pki: { subject } }: Inventory,
  commonName: string,
  organization = subject.O,
): DistinguishedName {
  const { C, ST, L, OU } = subject;
  return Object.entries({ C, ST, L, O: organization, OU, CN: commonName }).flatMap(
    ([type, value]) => (value === undefined || value === '' ? [] : [{ type, value }]),
  );
}
