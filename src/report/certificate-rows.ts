import type { DesiredCluster } from '../desired/cluster.ts';
import type { ObservedCertificate } from '../facts/observed-certificates.ts';
import type { PkiFacts } from '../facts/pki.ts';
import { Failure } from '../failure/failure.ts';
import { commonName } from '../pki/encoding/distinguished-name.ts';
import { handedOut, type Issued } from '../pki/issue/issued.ts';
import { isMadeByOthers } from '../pki/store/made-by-others.ts';
import type { StoreFacts } from '../pki/store/store-facts.ts';
import { certificateRemedies } from '../pki/verify/certificate-remedies.ts';
import type { CertificateFact } from '../pki/verify/inspect.ts';
import type { CrlFact } from '../pki/verify/inspect-crl.ts';
import { daysLeft } from '../pki/verify/judge.ts';
import { unnamed, withShared } from '../plan/leftovers.ts';
import { nextText } from '../problem/render.ts';

/** One certificate in one place. */
export interface PlacedCertificate {
  /** `store`, the member or the consumer. */
  readonly holder: string;
  readonly certificate: string;
  /** `issued`: handed out as a file, which the store remembers. */
  readonly place: 'store' | 'file' | 'listener' | 'issued';
  readonly serial: string | undefined;
  /** ISO 8601 */
  readonly expires: string | undefined;
  readonly days: number | undefined;
  readonly ca: string | undefined;
  /** Why it is not as it should be. */
  readonly trouble: string | undefined;
  /** What else is to be known of it. */
  readonly note?: string;
}

/** Every certificate of the cluster in every place, in the order of the table: store, members, consumers. */
export function certificateRows(
  desired: DesiredCluster,
  { store, rotation, peerRotation, crl, peerCrl }: PkiFacts,
  holders: ReadonlyMap<string, readonly ObservedCertificate[] | Failure>,
  now: Date,
  issued: readonly Issued[] = [],
): readonly PlacedCertificate[] {
  const named = withShared(desired, { store });
  const row = (
    holder: string,
    certificate: string,
    place: PlacedCertificate['place'],
    fact: CertificateFact | Failure | undefined,
    trouble?: string,
  ): PlacedCertificate => {
    const read = fact instanceof Failure ? undefined : fact;
    const days = read && daysLeft(read, now);
    return {
      ...{ holder, certificate, place, days },
      serial: read?.serial,
      expires: read?.notAfter.toISOString(),
      ca: read && commonName(read.issuer),
      trouble:
        fact instanceof Failure
          ? fact.message
          : (trouble ?? (days !== undefined && days < 0 ? `expired ${-days} days ago` : undefined)),
    };
  };

  const cas = [
    ['ca', store.ca],
    ['ca (next)', rotation.next],
    ['ca (previous)', rotation.previous],
    ['peer-ca', store.peerCa],
    ['peer-ca (next)', peerRotation.next],
    ['peer-ca (previous)', peerRotation.previous],
  ] as const;
  return [
    ...cas.flatMap(([name, ca]) =>
      ca === undefined ? [] : [row('store', name, 'store', ca.fact)],
    ),
    ...(crl === undefined ? [] : [listRow('revocation list', crl.fact, now)]),
    ...(peerCrl === undefined ? [] : [listRow('revocation list of peers', peerCrl.fact, now)]),
    ...named.certificates
      .filter(({ member, consumer }) => member === undefined && consumer === undefined)
      .filter((one) => store.certificates.has(one.id) || !isMadeByOthers(one, store))
      .map(({ id }) =>
        row('store', id, 'store', store.certificates.get(id)?.fact, missing(store, id)),
      ),
    ...unnamed(desired, { store }).map((id) => ({
      ...row('store', id, 'store', store.certificates.get(id)?.fact),
      trouble: undefined,
      note: noteOf(id, store, rotation),
    })),
    ...issuedRows(issued, { store, rotation, peerRotation, crl, peerCrl }, now),
    ...[...desired.members, ...desired.consumers].flatMap(({ name }) => {
      const shown = holders.get(name) ?? [];
      if (shown instanceof Failure) return [row(name, 'all', 'file', shown)];
      return shown.map(({ row: kind, place, fact, isBesideOurs }) => {
        const isTheirs = isBesideOurs && !store.certificates.has(`${name}/${kind}`);
        const trouble = isTheirs ? undefined : mismatch(store, `${name}/${kind}`, fact, place);
        const told = row(name, kind, place, fact, trouble);
        return isTheirs
          ? { ...told, note: 'of those who set the member up, until it is rotated' }
          : told;
      });
    }),
  ];
}

/** A revocation list that has ended is not a problem for etcd, but to everybody else who reads it. */
function listRow(
  certificate: string,
  { issuer, number, nextUpdate }: CrlFact,
  now: Date,
): PlacedCertificate {
  const days = nextUpdate && Math.floor((nextUpdate.getTime() - now.getTime()) / (24 * 3_600_000));
  return {
    ...{ holder: 'store', certificate, place: 'store', days },
    serial: number,
    expires: nextUpdate?.toISOString(),
    ca: commonName(issuer),
    trouble:
      days !== undefined && days < 0
        ? `its next update is overdue: ${nextText(certificateRemedies.renewList)}`
        : undefined,
  };
}

function missing({ certificates, ca }: StoreFacts, id: string): string | undefined {
  const found = certificates.get(id);
  if (found === undefined) return 'is missing in the store';
  return found.issuerFingerprint256 === ca?.fact.fingerprint256
    ? undefined
    : 'is not of the CA that signs now';
}

function noteOf(
  id: string,
  { certificates, ca, peerCa }: StoreFacts,
  { previous }: PkiFacts['rotation'],
): string {
  const issuer = certificates.get(id)?.issuerFingerprint256;
  if (issuer !== undefined && [ca, peerCa].some((one) => one?.fact.fingerprint256 === issuer))
    return 'not in the inventory; members accept it: revoke it if nobody should use it';
  return previous === undefined
    ? 'not in the inventory, of a CA that is not trusted'
    : 'not in the inventory, not of the CA that signs now: the end of its rotation removes it';
}

/** Certificates that were handed out: those a trusted CA has issued, which are still valid and not revoked. */
function issuedRows(
  issued: readonly Issued[],
  { store, rotation, peerRotation, crl, peerCrl }: PkiFacts,
  now: Date,
): readonly PlacedCertificate[] {
  const { ca, peerCa } = store;
  const trusted = new Map(
    [
      ...[ca, rotation.next, rotation.previous],
      ...[peerCa, peerRotation.next, peerRotation.previous],
    ].flatMap((one) => (one === undefined ? [] : [[one.fact.fingerprint256, one.fact] as const])),
  );
  const revoked = new Set(
    [crl, peerCrl].flatMap((list) =>
      (list?.fact.revoked ?? []).map(({ serial }) => serial.toLowerCase()),
    ),
  );
  // While peers are split off, their former CA is the one that signs for clients.
  const former = [rotation.previous, peerRotation.previous]
    .map((one) => one?.fact.fingerprint256)
    .filter((one) => one !== ca?.fact.fingerprint256);
  return handedOut(issued, store, revoked, now).flatMap(
    ({ name, serial, until, ca: by, where }) => {
      const issuer = trusted.get(by);
      if (issuer === undefined) return [];
      const isFormer = former.includes(by);
      return [
        {
          ...{
            holder: 'issued',
            certificate: name,
            place: 'issued' as const,
            serial,
            expires: until,
          },
          days: Math.floor((Date.parse(until) - now.getTime()) / (24 * 3_600_000)),
          ca: commonName(issuer.subject),
          trouble: undefined,
          note: `handed out to ${where}${isFormer ? '; of the CA whose trust is to end' : ''}`,
        },
      ];
    },
  );
}

function mismatch(
  store: StoreFacts,
  id: string,
  fact: CertificateFact | Failure,
  place: ObservedCertificate['place'],
): string | undefined {
  if (fact instanceof Failure) return undefined;
  const stored = store.certificates.get(id);
  if (stored === undefined) return 'is missing in the store';
  if (stored.fact.fingerprint256 === fact.fingerprint256) return undefined;
  return place === 'listener'
    ? `serves serial ${fact.serial}, the store has ${stored.fact.serial}`
    : `holds serial ${fact.serial}, the store has ${stored.fact.serial}`;
}
