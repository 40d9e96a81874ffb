import { type Next, remedy } from '../../problem/remedy.ts';
import type { DesiredCertificate } from '../desired-certificate.ts';
import { canonicalNames } from '../names.ts';
import { certificateRemedies } from './certificate-remedies.ts';
import type { CertificateFact } from './inspect.ts';
import { daysLeft, RENEW_BEFORE_DAYS } from './judge.ts';
import { whyWeak } from './weak-crypto.ts';

/** A certificate as it was found somewhere, beside what it should be. */
export interface CheckedCertificate {
  readonly desired: DesiredCertificate;
  readonly fact: CertificateFact;
  /** Whether the CA that is trusted really signed it. */
  readonly signedByCa: boolean;
  /** undefined where only the certificate was seen, as on a listener. */
  readonly keyMatches: boolean | undefined;
  readonly ca: CertificateFact;
  /** The clock of the host that has to accept it. */
  readonly now: Date;
}

/** A trap of TLS in etcd (etcd-facts §1): what it looks like, and what etcd would say or do. */
export interface CertificateCheck {
  readonly name: string;
  readonly level: 'fail' | 'warn';
  readonly find: (checked: CheckedCertificate) => string | undefined;
  readonly next: Next;
}

const { reissue: REISSUE, compareClocks: CLOCK } = certificateRemedies;

/** Everything that makes etcd or its clients refuse a certificate, each with its own words. */
export const CERTIFICATE_CHECKS: readonly CertificateCheck[] = [
  {
    name: 'chain',
    level: 'fail',
    find: ({ signedByCa }) =>
      signedByCa ? undefined : 'is not signed by the CA: "certificate signed by unknown authority"',
    next: REISSUE,
  },
  {
    name: 'key',
    level: 'fail',
    find: ({ keyMatches }) =>
      keyMatches === false
        ? 'does not belong to its key: "private key does not match public key"'
        : undefined,
    next: REISSUE,
  },
  {
    name: 'expired',
    level: 'fail',
    find: ({ fact, now }) =>
      now > fact.notAfter
        ? `expired on ${day(fact.notAfter)}: running streams live on, every new handshake fails`
        : undefined,
    next: CLOCK,
  },
  {
    name: 'not yet valid',
    level: 'fail',
    find: ({ fact, now }) =>
      now < fact.notBefore
        ? `is valid from ${fact.notBefore.toISOString()} on, which is ahead of this clock`
        : undefined,
    next: CLOCK,
  },
  {
    name: 'ends soon',
    level: 'warn',
    find: ({ fact, now }) => {
      const days = daysLeft(fact, now);
      return days >= 0 && days < RENEW_BEFORE_DAYS ? `ends in ${days} days` : undefined;
    },
    next: REISSUE,
  },
  {
    name: 'outlives its CA',
    level: 'warn',
    find: ({ fact, ca }) =>
      fact.notAfter > ca.notAfter ? `ends after its CA, which ends ${day(ca.notAfter)}` : undefined,
    next: [remedy`rotate the CA before that day`],
  },
  {
    name: 'common name only',
    level: 'fail',
    find: ({ fact, desired }) =>
      desired.names.length > 0 && fact.names.length === 0
        ? 'has no subject alternative name: "certificate relies on legacy Common Name field"'
        : undefined,
    next: REISSUE,
  },
  {
    name: 'address as DNS name',
    level: 'fail',
    find: ({ fact }) => {
      const wrong = fact.names.filter((name) => name.startsWith('DNS:'));
      return wrong.length === 0
        ? undefined
        : `has ${wrong.join(', ')} where an IP entry belongs: "doesn't contain any IP SANs"`;
    },
    next: REISSUE,
  },
  {
    name: 'names',
    level: 'fail',
    find: ({ fact, desired }) => {
      const lacking = canonicalNames(desired.names).filter((name) => !fact.names.includes(name));
      return fact.names.length === 0 || lacking.length === 0
        ? undefined
        : `does not cover ${lacking.join(', ')}: "certificate is valid for …, not ${lacking[0]}"`;
    },
    next: REISSUE,
  },
  {
    name: 'stray names',
    level: 'warn',
    find: ({ fact, desired }) => {
      const wanted = canonicalNames(desired.names);
      const stray = fact.names.filter((name) => !wanted.includes(name) && !name.startsWith('DNS:'));
      return stray.length === 0 ? undefined : `covers ${stray.join(', ')}, which nobody asked for`;
    },
    next: REISSUE,
  },
  {
    name: 'usages',
    level: 'fail',
    find: ({ fact, desired }) => {
      if (fact.usages.length === 0 || fact.usages.includes('anyExtendedKeyUsage')) return undefined;
      const lacking = desired.usages.filter((usage) => !fact.usages.includes(usage));
      if (lacking.length === 0) return undefined;
      const consequence = lacksGateway(desired, lacking)
        ? 'the gRPC gateway dials its own listener with it'
        : '"certificate specifies an incompatible key usage"';
      return `lacks ${lacking.join(', ')}: ${consequence}`;
    },
    next: REISSUE,
  },
  {
    name: 'key usages',
    level: 'fail',
    find: ({ fact }) =>
      fact.keyUsages.length > 0 && !fact.keyUsages.includes('digitalSignature')
        ? 'may not sign (digitalSignature), as TLS 1.3 and every ECDSA handshake must'
        : undefined,
    next: REISSUE,
  },
  {
    name: 'strength',
    level: 'fail',
    find: ({ fact }) => whyWeak(fact),
    next: REISSUE,
  },
  {
    name: 'encoding',
    level: 'fail',
    find: ({ fact }) =>
      fact.misspelt.length > 0
        ? `has ${fact.misspelt.join(', ')} in a string type that cannot hold it: "invalid PrintableString"`
        : undefined,
    next: REISSUE,
  },
  {
    name: 'critical extensions',
    level: 'fail',
    find: ({ fact }) =>
      fact.unknownCritical.length > 0
        ? `has the critical extension ${fact.unknownCritical.join(', ')}: "unhandled critical extension"`
        : undefined,
    next: REISSUE,
  },
  {
    name: 'a CA itself',
    level: 'fail',
    find: ({ fact }) =>
      fact.isCa ? 'is a CA certificate: the holder of its key can admit members' : undefined,
    next: REISSUE,
  },
];

function lacksGateway({ row }: DesiredCertificate, lacking: readonly string[]): boolean {
  return row === 'server' && lacking.join() === 'clientAuth';
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
