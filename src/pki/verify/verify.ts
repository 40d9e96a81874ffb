import { X509Certificate } from 'node:crypto';
import { firstMinor } from '../../etcd/versions.ts';
import type { Problem, Severity } from '../../problem/problem.ts';
import { type Next, remedy } from '../../problem/remedy.ts';
import { nameOfCa } from '../ca/authority.ts';
import type { DesiredCertificate, KeyPlace } from '../desired-certificate.ts';
import { namesFor } from '../desired-certificate.ts';
import { isSignedBy } from '../encoding/signature.ts';
import { anyKey, heldKey } from '../keys/held-key.ts';
import { isMadeByOthers } from '../store/made-by-others.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import { caOf } from '../store/store-facts.ts';
import { certificateProblem } from './certificate-problem.ts';
import { certificateRemedies as remedies } from './certificate-remedies.ts';
import { CERTIFICATE_CHECKS, type CheckedCertificate } from './checks.ts';
import type { CertificateFact } from './inspect.ts';
import type { CrlFact } from './inspect-crl.ts';
import { whyCaUnfit, whyNotForMembers, whyRotateCa } from './judge.ts';

/** Everything that is wrong with one certificate, by the table of checks. */
export function checkCertificate(checked: CheckedCertificate): readonly Problem[] {
  return CERTIFICATE_CHECKS.flatMap(({ name, level, find, next }) => {
    const why = find(checked);
    return why === undefined
      ? []
      : [certificateProblem(checked.desired.id, name, level, why, next)];
  });
}

/** Everything that is wrong with the CA certificate. */
export function checkCa(
  ca: CertificateFact,
  hasKey: boolean,
  now: Date,
  about = 'ca',
  names: readonly string[] = [],
): readonly Problem[] {
  const finding = (check: string, level: Severity, why: string | undefined, next: Next) =>
    why === undefined ? [] : [certificateProblem(about, check, level, why, next)];
  const rotate = about === nameOfCa('peer') ? remedies.rotatePeerCa : remedies.rotateCa;
  return [
    ...finding('fit to sign', 'fail', whyCaUnfit(ca, now), rotate),
    ...finding('fit for members', 'fail', whyNotForMembers(ca, names), rotate),
    ...finding('ends soon', 'warn', whyRotateCa(ca, now), rotate),
    ...finding(
      'revocation',
      'warn',
      ca.keyUsages.length > 0 && !ca.keyUsages.includes('cRLSign')
        ? 'may not sign revocation lists'
        : undefined,
      [remedy`rotate the CA if you want to revoke`],
    ),
    ...finding(
      'key',
      'warn',
      hasKey ? undefined : 'its key is not in the store: nothing can be issued or renewed',
      [remedy`bring the key where something must be signed`, ...rotate],
    ),
  ];
}

/** Everything that is wrong with a revocation list: most of it makes etcd refuse every connection. */
export function checkCrl(
  crl: { readonly fact: CrlFact; readonly der: Buffer },
  ca: string,
  now: Date,
  about = 'ca.crl',
): readonly Problem[] {
  const { fact, der } = crl;
  const finding = (check: string, level: Severity, why: string, next: Next) =>
    certificateProblem(about, check, level, why, next);
  const isOurs = isSignedBy(der, new X509Certificate(ca).publicKey);
  const isOver = fact.nextUpdate !== undefined && now > fact.nextUpdate;
  return [
    ...(fact.form === 'pem'
      ? [
          finding(
            'form',
            'fail',
            `is PEM: etcd ${firstMinor(({ readsPemCrl }) => !readsPemCrl)} reads DER only and refuses every connection`,
            [remedy`convert it: openssl crl -outform DER`],
          ),
        ]
      : []),
    ...(isOurs
      ? []
      : [finding('signature', 'fail', 'is not signed by the CA', remedies.renewList)]),
    ...(isOver
      ? [
          finding(
            'ends',
            'warn',
            `should have been renewed by ${fact.nextUpdate?.toISOString()}`,
            remedies.renewList,
          ),
        ]
      : []),
  ];
}

/** Everything that is wrong in a store, measured by what the inventory asks for; empty when nothing is. */
export function verifyStore(
  store: StoreFacts,
  wanted: readonly DesiredCertificate[],
  now: Date,
): readonly Problem[] {
  const authorities = [...new Set(wanted.map(({ authority }) => authority))].sort();
  const lacking = authorities.filter((authority) => caOf(store, { authority }) === undefined);
  if (lacking.length > 0) {
    return lacking.map((authority) => {
      const why = `the store has no ${authority === 'peer' ? 'CA for peers' : 'CA'}`;
      return certificateProblem(nameOfCa(authority), 'present', 'fail', why, remedies.up);
    });
  }
  const each = wanted.flatMap((desired) => {
    const found = store.certificates.get(desired.id);
    const ca = caOf(store, desired);
    if (ca === undefined) return [];
    if (found === undefined)
      return isMadeByOthers(desired, store)
        ? []
        : [certificateProblem(desired.id, 'present', 'fail', 'is missing', remedies.up)];
    const kept = isMadeByOthers(desired, store);
    const problems = checkCertificate({
      desired: kept ? asKept(desired, found.fact) : desired,
      fact: found.fact,
      signedByCa: found.issuerFingerprint256 === ca.fact.fingerprint256,
      keyMatches: anyKey(desired.keyPlace, found)?.matches === true,
      ca: ca.fact,
      now,
    });
    return kept ? problems.map(asOfOthers) : problems;
  });
  const ofLeaves = [
    ...each,
    ...wanted.flatMap((desired) => misplacedKey(store, desired)),
    ...sharedKeys(store, wanted),
  ];
  const kept = new Set(wanted.flatMap((one) => (isMadeByOthers(one, store) ? [one.id] : [])));
  return [
    ...authorities.flatMap((authority) => {
      const ca = caOf(store, { authority });
      return ca === undefined
        ? []
        : checkCa(ca.fact, ca.hasKey, now, nameOfCa(authority), namesFor(authority, wanted));
    }),
    // Of a CA whose key is not here nothing is reissued.
    ...ofLeaves.map((one) =>
      one.about.some((id) => kept.has(id)) ? { ...one, next: remedies.rotateCa } : one,
    ),
  ];
}

/** What is asked of a certificate that somebody else has made: that it names somebody, not whom ours would name. */
function asKept(desired: DesiredCertificate, { names }: CertificateFact): DesiredCertificate {
  return names.length === 0 ? desired : { ...desired, names };
}

/** Of one that is in use only what ends every handshake is more than a warning. */
function asOfOthers(problem: Problem): Problem {
  return ENDS_HANDSHAKES.has(problem.kind) ? problem : { ...problem, severity: 'warn' };
}

const ENDS_HANDSHAKES = new Set(['chain', 'key', 'expired', 'not yet valid']);

function misplacedKey(
  { certificates }: StoreFacts,
  { id, keyPlace }: DesiredCertificate,
): readonly Problem[] {
  const found = certificates.get(id);
  const isIn = (place: KeyPlace) => found !== undefined && heldKey(place, found) !== undefined;
  const finding = (why: string) => [certificateProblem(id, 'key place', 'warn', why, remedies.up)];
  if (keyPlace === 'host' && isIn('store'))
    return finding('has a key in the store, although its host is to make and keep it');
  if (keyPlace === 'store' && isIn('host') && !isIn('store'))
    return finding('has its key on its host, although the store is to keep it');
  return [];
}

// A key on two hosts is lost with either; a serial number twice means that revoking one revokes both.
function sharedKeys(store: StoreFacts, wanted: readonly DesiredCertificate[]): readonly Problem[] {
  const seen = new Map<string, string>();
  return wanted.flatMap((one) => {
    const { id, row } = one;
    const fact = store.certificates.get(id)?.fact;
    // What etcdctl on a member shows is one of its other certificates then.
    const isLent = row === 'healthcheck-client' && isMadeByOthers(one, store);
    if (fact === undefined || isLent) return [];
    const same = (mark: string, why: string): readonly Problem[] => {
      const first = seen.get(mark);
      seen.set(mark, first ?? id);
      if (first === undefined) return [];
      return [certificateProblem(id, 'unique', 'warn', `${why} ${first}`, remedies.upAfterMoving)];
    };
    return [
      ...same(`key ${fact.publicKeySha256}`, 'has the same key as'),
      ...same(`serial ${fact.serial}`, 'has the same serial number as'),
    ];
  });
}
