import type { Authority } from './ca/authority.ts';
import type { DistinguishedName } from './encoding/distinguished-name.ts';
import type { Usage } from './encoding/oids.ts';
import type { KeyKind } from './keys/keys.ts';

/** A certificate as it should be; `id` is also its path in the store: `etcd01/server`, `admin`. */
export interface DesiredCertificate {
  readonly id: string;
  readonly row: string;
  readonly member?: string;
  /** A client on one of its hosts: `apiserver@10.0.0.81`. */
  readonly consumer?: string;
  readonly subject: DistinguishedName;
  readonly names: readonly string[];
  readonly usages: readonly Usage[];
  readonly hours: number;
  readonly key: KeyKind;
  readonly keyPlace: KeyPlace;
  /** Which CA of the store signs it. */
  readonly authority: Authority;
}

/** Where a key is made and kept: in the PKI store, or on the host that uses it, which it never leaves. */
export type KeyPlace = 'store' | 'host';

/** A CA as it should be, where the store has none. */
export interface DesiredCa {
  readonly subject: DistinguishedName;
  readonly hours: number;
  readonly key: KeyKind;
}

/** Every name that the CA of an authority is to certify. */
export function namesFor(
  authority: Authority,
  wanted: readonly DesiredCertificate[],
): readonly string[] {
  return [...new Set(wanted.flatMap((one) => (one.authority === authority ? one.names : [])))];
}
