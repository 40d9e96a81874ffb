import type { DesiredCertificate } from '../desired-certificate.ts';
import { caOf, type StoreFacts } from './store-facts.ts';

/**
 * Whether a certificate stays as somebody else has made it: the key of its CA was never brought, so nobody here can make
 * another one. The operator's own may be missing then.
 */
export function isMadeByOthers(
  certificate: Pick<DesiredCertificate, 'id' | 'row' | 'authority' | 'keyPlace'>,
  store: StoreFacts,
): boolean {
  const ca = caOf(store, certificate);
  if (ca === undefined || ca.hasKey) return false;
  if (certificate.row === 'admin') return [...store.certificates.keys()].some(isOfOthers(store));
  return certificate.keyPlace === 'host' && isOfOthers(store)(certificate.id);
}

function isOfOthers({ certificates }: StoreFacts): (id: string) => boolean {
  return (id) => certificates.get(id)?.hostKey?.madeByOthers !== undefined;
}
