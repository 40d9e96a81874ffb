import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import type { KeyUsage, Usage } from '../encoding/oids.ts';

/** cfssl's spellings of key usages (config.go, both spellings of "commitment" included). */
const KEY_USAGES: Readonly<Record<string, KeyUsage>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content committment': 'contentCommitment',
  'content commitment': 'contentCommitment',
  'key encipherment': 'keyEncipherment',
  'data encipherment': 'dataEncipherment',
  'key agreement': 'keyAgreement',
  'cert sign': 'keyCertSign',
  'crl sign': 'cRLSign',
  'encipher only': 'encipherOnly',
  'decipher only': 'decipherOnly',
};

/** cfssl's spellings of extended key usages. */
const USAGES: Readonly<Record<string, Usage>> = {
  any: 'anyExtendedKeyUsage',
  'server auth': 'serverAuth',
  'client auth': 'clientAuth',
  'code signing': 'codeSigning',
  'email protection': 'emailProtection',
  's/mime': 'emailProtection',
  'ipsec end system': 'ipsecEndSystem',
  'ipsec tunnel': 'ipsecTunnel',
  'ipsec user': 'ipsecUser',
  timestamping: 'timeStamping',
  'ocsp signing': 'OCSPSigning',
  'microsoft sgc': 'microsoftServerGatedCrypto',
  'netscape sgc': 'netscapeServerGatedCrypto',
};

/** The usages of a profile; throws a Failure for one that cfssl does not know and would leave out. */
export function usagesOf(
  names: readonly string[],
  source: string,
): { readonly keyUsages: readonly KeyUsage[]; readonly usages: readonly Usage[] } {
  const unknown = names.filter(
    (name) => !Object.hasOwn(KEY_USAGES, name) && !Object.hasOwn(USAGES, name),
  );
  if (unknown.length > 0) {
    const known = [...Object.keys(KEY_USAGES), ...Object.keys(USAGES)].join(', ');
    throw new Failure('usage', `${source}: unknown usage ${unknown.join(', ')}`, {
      next: [remedy`use one of: ${known}`],
    });
  }
  const pick = <T>(table: Readonly<Record<string, T>>) =>
    [...new Set(names.map((name) => table[name]))].filter((one) => one !== undefined);
  return { keyUsages: pick(KEY_USAGES), usages: pick(USAGES) };
}
