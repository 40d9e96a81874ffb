import { firstMinor } from '../../etcd/versions.ts';
import type { RequestFact } from '../encoding/csr.ts';
import { describeName } from '../encoding/distinguished-name.ts';
import { describeKey } from '../keys/keys.ts';
import type { CertificateFact } from './inspect.ts';
import type { CrlFact } from './inspect-crl.ts';
import { daysLeft, whyCaUnfit, whyNotForMembers } from './judge.ts';

type Row = readonly [label: string, value: string];

/** A certificate for a person to read, one fact a line. */
export function describeCertificate(fact: CertificateFact, now: Date): string {
  return table('certificate', [
    ['subject', describeName(fact.subject)],
    ['issuer', fact.isSelfSigned ? 'itself' : describeName(fact.issuer)],
    ['serial', fact.serial],
    ['valid', `${minute(fact.notBefore)} to ${minute(fact.notAfter)}, ${left(fact, now)}`],
    ['names', list(fact.names)],
    ['usages', list(fact.usages, 'any')],
    ['key usages', list(fact.keyUsages, 'any')],
    ['CA', ca(fact)],
    ['key', describeKey(fact.key)],
    ['signature', fact.signatureAlgorithm],
    ['subject key', fact.subjectKeyId ?? 'not named'],
    ['issuer key', fact.authorityKeyId ?? 'not named'],
    ['sha256', fact.fingerprint256],
    ...constraintRows(fact),
    ...fitRow(fact, now),
  ]);
}

function constraintRows({ nameConstraints }: CertificateFact): readonly Row[] {
  if (nameConstraints === undefined) return [];
  return [
    ['permits', list(nameConstraints.permitted, 'any name')],
    ['excludes', list(nameConstraints.excluded)],
  ];
}

/** Why etcd's members could not have certificates of this CA; said of a CA only. */
function fitRow(fact: CertificateFact, now: Date): readonly Row[] {
  const why = whyCaUnfitForEtcd(fact, now);
  return why === undefined ? [] : [['unfit', why]];
}

/** Why a CA is of no use to etcd, or undefined when it is, or when it is a leaf. */
export function whyCaUnfitForEtcd(fact: CertificateFact, now: Date): string | undefined {
  const isCa = fact.isCa || (fact.isSelfSigned && fact.keyUsages.includes('keyCertSign'));
  return isCa ? (whyCaUnfit(fact, now) ?? whyNotForMembers(fact)) : undefined;
}

/** A signing request for a person to read. */
export function describeRequest(fact: RequestFact): string {
  return table('certificate signing request', [
    ['subject', describeName(fact.subject)],
    ['names', list(fact.names)],
    ['usages', list(fact.usages, 'not asked for')],
    ['CA', fact.wantsCa ? 'asks to be one' : 'no'],
    ['key', describeKey(fact.key)],
    ['signature', `${fact.signatureAlgorithm}, verifies`],
  ]);
}

/** A revocation list for a person to read; says with what form etcd can take it. */
export function describeCrl(fact: CrlFact, now: Date): string {
  const over = fact.nextUpdate !== undefined && now > fact.nextUpdate ? ' (past)' : '';
  const next = fact.nextUpdate === undefined ? 'never' : `${minute(fact.nextUpdate)}${over}`;
  return table('revocation list', [
    ['issuer', describeName(fact.issuer)],
    ['number', fact.number ?? 'none'],
    ['made', minute(fact.thisUpdate)],
    ['next', next],
    [
      'form',
      fact.form === 'der'
        ? 'DER'
        : `PEM, which etcd ${firstMinor(({ readsPemCrl }) => !readsPemCrl)} refuses`,
    ],
    ['signature', fact.signatureAlgorithm],
    ['issuer key', fact.authorityKeyId ?? 'not named'],
    ['revoked', String(fact.revoked.length)],
    ...fact.revoked.map(
      ({ serial, date, reason }): Row => [
        '',
        `${serial}  ${minute(date)}  ${reason ?? ''}`.trimEnd(),
      ],
    ),
  ]);
}

function table(title: string, rows: readonly Row[]): string {
  // Foreign files end on a terminal here.
  const clean = (value: string) => value.replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return [title, ...rows.map(([label, value]) => `  ${label.padEnd(12)}${clean(value)}`)].join(
    '\n',
  );
}

function list(values: readonly string[], none = 'none'): string {
  return values.length === 0 ? none : values.join(', ');
}

function ca({ isCa, pathLength }: CertificateFact): string {
  if (!isCa) return 'no';
  if (pathLength === 0) return 'yes, for leaves only';
  return pathLength === undefined ? 'yes' : `yes, with at most ${pathLength} CAs below it`;
}

function left(fact: CertificateFact, now: Date): string {
  const days = daysLeft(fact, now);
  return days < 0 ? 'expired' : `${days} days left`;
}

function minute(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
