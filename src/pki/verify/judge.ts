import type { DesiredCertificate } from '../desired-certificate.ts';
import { describeName } from '../encoding/distinguished-name.ts';
import { outsideConstraints } from '../encoding/name-constraints.ts';
import { anyKey, heldKey } from '../keys/held-key.ts';
import { describeKey } from '../keys/keys.ts';
import { canonicalNames } from '../names.ts';
import type { StoredCertificate } from '../store/store-facts.ts';
import type { CertificateFact } from './inspect.ts';
import { whyWeak } from './weak-crypto.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A certificate is renewed this many days before its end, or in the last third of its life, whichever is later. */
export const RENEW_BEFORE_DAYS = 30;

/** Milliseconds a certificate is dated back: hosts whose clock runs that far behind accept it all the same. */
export const BACKDATE = 10 * 60_000;

/**
 * Why the certificate in the store must be reissued, or undefined when it can stay. The first reason found. `onHost` are
 * the checksums of the keys its host has; unless told they are not asked for.
 */
export function whyReissue(
  desired: DesiredCertificate,
  found: StoredCertificate | undefined,
  ca: CertificateFact | undefined,
  now: Date,
  onHost?: ReadonlySet<string>,
): string | undefined {
  if (found === undefined) return 'missing';
  const key = heldKey(desired.keyPlace, found);
  if (key === undefined) return whyNoKey(desired, found);
  if (!key.matches) return "the key is not the certificate's";
  if (desired.keyPlace === 'host' && onHost?.has(key.sha256) === false)
    return 'its key is missing on the host';
  if (ca === undefined) return 'its CA is missing';
  if (found.issuerFingerprint256 !== ca.fingerprint256) return 'signed by another CA';
  return (
    whyOutOfDate(found.fact, ca, now) ??
    whyNotAsWanted(desired, found.fact) ??
    whyTooLong(desired, found.fact)
  );
}

/** Why the CA cannot sign or be trusted, or undefined when it can. Its approaching end is `whyRotateCa`'s matter. */
export function whyCaUnfit(ca: CertificateFact, now: Date): string | undefined {
  if (!ca.isCa) return 'the CA certificate is not marked CA:TRUE';
  if (ca.keyUsages.length > 0 && !ca.keyUsages.includes('keyCertSign')) {
    return 'the CA certificate lacks the usage keyCertSign';
  }
  if (now > ca.notAfter) return `the CA expired on ${day(ca.notAfter)}`;
  if (now < ca.notBefore) return `the CA is not valid before ${ca.notBefore.toISOString()}`;
  if (ca.unknownCritical.length > 0) {
    return `the CA certificate has the unknown critical extension ${ca.unknownCritical.join(', ')}`;
  }
  if (ca.misspelt.length > 0) {
    return `the CA's name has ${ca.misspelt.join(', ')} in a string type that Go cannot read`;
  }
  const weak = whyWeak(ca);
  return weak === undefined ? undefined : `the CA certificate ${weak}`;
}

/**
 * Why etcd would not take what the CA signs for members of these names, or undefined when it would. Every listener shows
 * its certificate, and every member dials with one, so both usages are needed; Go looks for them, and for names, in each
 * CA up to the one that is trusted, that one included (crypto/x509 checkChainForKeyUsage, isValid).
 */
export function whyNotForMembers(
  ca: CertificateFact,
  names: readonly string[] = [],
): string | undefined {
  const isFree = ca.usages.length === 0 || ca.usages.includes('anyExtendedKeyUsage');
  const lacking = isFree ? [] : MEMBER_USAGES.filter((usage) => !ca.usages.includes(usage));
  if (lacking.length > 0) {
    return `the CA certificate allows ${ca.usages.join(', ')} only; members need ${MEMBER_USAGES.join(' and ')}, and etcd refuses what it signs`;
  }
  const outside = outsideConstraints(canonicalNames(names), ca.nameConstraints);
  return outside.length === 0
    ? undefined
    : `the CA's name constraints do not allow ${outside.join(', ')}`;
}

const MEMBER_USAGES = ['serverAuth', 'clientAuth'] as const;

/** Why the CA should be replaced soon: leaves can no longer live as long as they should. Else undefined. */
export function whyRotateCa(ca: CertificateFact, now: Date): string | undefined {
  const left = ca.notAfter.getTime() - now.getTime();
  return left < margin(ca) ? `the CA expires ${whenEnds(ca, now)}` : undefined;
}

/** Whole days until the certificate ends, negative once it has. */
export function daysLeft(fact: CertificateFact, now: Date): number {
  return Math.floor((fact.notAfter.getTime() - now.getTime()) / DAY);
}

function whyNoKey({ keyPlace }: DesiredCertificate, found: StoredCertificate): string {
  if (anyKey(keyPlace, found) === undefined) return 'its key is missing';
  return keyPlace === 'host'
    ? 'its key is in the store, wanted on the host'
    : 'its key is on the host, wanted in the store';
}

function whyOutOfDate(fact: CertificateFact, ca: CertificateFact, now: Date): string | undefined {
  if (now > fact.notAfter) return `expired on ${day(fact.notAfter)}`;
  if (now < fact.notBefore) return `not valid before ${fact.notBefore.toISOString()}`;
  // A leaf that ends with its CA would come out no longer: reissuing it on every run helps nobody.
  if (fact.notAfter >= ca.notAfter) return undefined;
  const left = fact.notAfter.getTime() - now.getTime();
  return left < margin(fact) ? `expires ${whenEnds(fact, now)}` : undefined;
}

function whyNotAsWanted(desired: DesiredCertificate, fact: CertificateFact): string | undefined {
  const wanted = canonicalNames(desired.names);
  const lacking = wanted.filter((name) => !fact.names.includes(name));
  if (lacking.length > 0) return `does not cover ${lacking.join(', ')}`;

  const unwanted = fact.names.filter((name) => !wanted.includes(name));
  if (unwanted.length > 0) return `covers ${unwanted.join(', ')}, no longer wanted`;

  const missing = desired.usages.filter((usage) => !fact.usages.includes(usage));
  if (missing.length > 0) return `lacks ${missing.join(', ')}`;

  const excess = fact.usages.filter((usage) => !desired.usages.some((one) => one === usage));
  if (excess.length > 0) return `allows ${excess.join(', ')}, not wanted`;

  if (fact.isCa) return 'is a CA certificate';
  const key = describeKey(fact.key);
  if (key !== describeKey(desired.key)) return `key is ${key}, wanted ${describeKey(desired.key)}`;

  const subject = describeName(fact.subject);
  const subjectWanted = describeName(desired.subject);
  if (subject !== subjectWanted) return `subject is ${subject}, wanted ${subjectWanted}`;
  return whyWeak(fact);
}

// Shorter than wanted is not a reason: it is renewed in its time, and then lives as long as wanted.
function whyTooLong(desired: DesiredCertificate, fact: CertificateFact): string | undefined {
  const hours = Math.floor(lifetime(fact) / HOUR);
  return hours > desired.hours ? `lives ${hours} hours, wanted ${desired.hours}` : undefined;
}

function margin(fact: CertificateFact): number {
  return Math.min(RENEW_BEFORE_DAYS * DAY, lifetime(fact) / 3);
}

function lifetime(fact: CertificateFact): number {
  return fact.notAfter.getTime() - fact.notBefore.getTime();
}

function whenEnds(fact: CertificateFact, now: Date): string {
  const days = daysLeft(fact, now);
  if (days > 1) return `in ${days} days`;
  return `in ${Math.max(0, Math.floor((fact.notAfter.getTime() - now.getTime()) / HOUR))} hours`;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
