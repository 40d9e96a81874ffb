import type { Problem } from '../../problem/problem.ts';
import type { Next } from '../../problem/remedy.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { anyKey } from '../keys/held-key.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import { caOf } from '../store/store-facts.ts';
import { certificateProblem } from './certificate-problem.ts';
import { certificateRemedies as remedies } from './certificate-remedies.ts';
import type { CertificateFact } from './inspect.ts';
import { checkCertificate } from './verify.ts';

/** A certificate as it was seen outside the store. */
export interface SeenCertificate {
  readonly desired: DesiredCertificate;
  /** `file on etcd01`, `client port of etcd01` */
  readonly where: string;
  /** What it says, or why it could not be seen. */
  readonly fact: CertificateFact | Error;
  /** The key file beside it, without checksum where that is missing; a listener shows none. */
  readonly key?: { readonly sha256: string | undefined } | undefined;
  /** The clock of the host it was seen on. */
  readonly clock: Date;
}

/** What a host would object to, beyond what is wrong with the store: another certificate, or the same by another clock. */
export function checkSeenCertificate(
  sight: SeenCertificate,
  store: StoreFacts,
  now: Date,
): readonly Problem[] {
  const { desired, where, fact, clock, key } = sight;
  const about = `${desired.id} (${where})`;
  const finding = (check: string, why: string, next: Next) => [
    certificateProblem(about, check, 'fail', why, next),
  ];
  if (fact instanceof Error) return finding('seen', fact.message, remedies.upOrLook);

  const stored = store.certificates.get(desired.id);
  if (stored === undefined) return [];
  if (stored.fact.fingerprint256 !== fact.fingerprint256) {
    const why = `has serial ${fact.serial}, the store ${stored.fact.serial}`;
    return finding('as in the store', why, remedies.bringCertificate);
  }
  if (key !== undefined && key.sha256 !== anyKey(desired.keyPlace, stored)?.sha256) {
    const why =
      key.sha256 === undefined
        ? 'its key is missing'
        : 'lies beside another key: "private key does not match public key"';
    return finding('key as in the store', why, remedies.bringPair);
  }
  const ca = caOf(store, desired);
  if (ca === undefined) return [];
  const checked = {
    ...{ desired, fact, ca: ca.fact, keyMatches: undefined },
    signedByCa: stored.issuerFingerprint256 === ca.fact.fingerprint256,
  };
  const here = new Set(checkCertificate({ ...checked, now }).map(({ kind }) => kind));
  return checkCertificate({ ...checked, now: clock })
    .filter(({ kind }) => !here.has(kind))
    .map((one) => ({
      ...one,
      about: [about],
      sentence: `${one.sentence} (its clock: ${clock.toISOString()})`,
    }));
}
