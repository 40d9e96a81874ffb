import type { MemberFacts } from '../../facts/member.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import type { StoreFacts } from '../../pki/store/store-facts.ts';

/** Whether the store has another certificate than its host has in place; not where either has none. */
export function isPending(
  { id, row }: Pick<DesiredCertificate, 'id' | 'row'>,
  found: Pick<MemberFacts, 'pki'> | undefined,
  store: StoreFacts,
): boolean {
  const stored = store.certificates.get(id);
  const there = found?.pki.files.get(`${row}.crt`);
  return stored !== undefined && there !== undefined && there.sha256 !== stored.certificateSha256;
}
