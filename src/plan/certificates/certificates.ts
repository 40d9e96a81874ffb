import type { DesiredCluster } from '../../desired/cluster.ts';
import { keepsTheirs } from '../../facts/adopted.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { KeysFact } from '../../facts/etcd/keys.ts';
import { isShared, isShown } from '../../facts/host/their-pairs.ts';
import { foundConsumer, foundOf } from '../../observed/found.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { isMadeByOthers } from '../../pki/store/made-by-others.ts';
import { caOf } from '../../pki/store/store-facts.ts';
import { whyReissue } from '../../pki/verify/judge.ts';
import type { HereStep } from '../here-step.ts';
import { here, onHost } from '../lane.ts';
import type { Wave } from '../plan.ts';
import { unnoticed } from '../unnoticed.ts';

/** What the PKI store lacks, and which certificates will be new. */
export interface CertificatePlan {
  /** Makes the CAs that are missing. */
  readonly create: readonly HereStep[];
  readonly issues: readonly Issue[];
  readonly reissued: ReadonlySet<string>;
  /** Whether a CA is made, because the store has none. */
  readonly makesCa: boolean;
}

/** A certificate that is to be made, and why. */
export interface Issue {
  readonly certificate: DesiredCertificate;
  readonly because: string;
}

/** Why a certificate that still fits is to be reissued all the same, if it is. */
export type Renewal = (certificate: DesiredCertificate) => string | undefined;

/**
 * Decides what to make: a CA when the store has none, and each certificate that is missing or no longer fits. One whose key
 * is on a host that was not looked at is left as it is, and so is what somebody else has made under a CA whose key is not here.
 */
export function planCertificates(
  desired: DesiredCluster,
  facts: ClusterFacts,
  renewal: Renewal = () => undefined,
): CertificatePlan {
  if (desired.ca === undefined)
    return { create: [], issues: [], reissued: new Set(), makesCa: false };
  const { store, now } = facts;

  const issues = desired.certificates.flatMap((certificate) => {
    const onHost = keysOnHost(certificate, facts);
    if (certificate.keyPlace === 'host' && onHost === undefined) return [];
    if (isMadeByOthers(certificate, store)) return [];
    const found = store.certificates.get(certificate.id);
    const pairs = shownByTheirs(certificate, facts);
    if (pairs === 'covered') return [];
    const ca = caOf(store, certificate)?.fact;
    const because =
      ca === undefined
        ? 'the CA is new'
        : pairs === 'theirs'
          ? renewal(certificate)
          : (whyReissue(certificate, found, ca, now, onHost?.sha256) ?? renewal(certificate));
    return because === undefined ? [] : [{ certificate, because }];
  });

  // That of the peers first: a store with the other alone is one from before there were two.
  const create = (['peer', 'client'] as const).flatMap((authority): readonly HereStep[] => {
    const ca = authority === 'peer' ? desired.peerCa : desired.ca;
    if (ca === undefined || caOf(store, { authority }) !== undefined) return [];
    return authority === 'peer'
      ? [{ kind: 'create-ca', authority, ca, because: 'the store has no CA for peers' }]
      : [{ kind: 'create-ca', ca, because: 'the store has no CA' }];
  });
  return {
    ...{ create, issues },
    reissued: new Set(issues.map(({ certificate }) => certificate.id)),
    makesCa: create.length > 0,
  };
}

/**
 * Whether a certificate is one that a member shows whose layout is kept: somebody else has made it, and it is good until a new
 * one is asked for. One that is shown to clients and members alike covers that of members.
 */
function shownByTheirs(
  certificate: DesiredCertificate,
  { members }: ClusterFacts,
): 'theirs' | 'covered' | undefined {
  const found = foundOf({ members }, certificate.member ?? '');
  if (!isShown(certificate) || !keepsTheirs(found)) return undefined;
  return certificate.row === 'peer' && isShared(found?.adopted?.pairs) ? 'covered' : 'theirs';
}

/** The waves that make what the store lacks; keys are made on the hosts of `desired` alone. */
export function makeCertificates(
  desired: DesiredCluster,
  { create, issues }: CertificatePlan,
): readonly Wave[] {
  return issueWaves(desired, 'make certificates', create, issues);
}

/**
 * The waves that make certificates: those with keys in the store, behind what else is to be done there, then those with
 * keys on hosts, all hosts side by side.
 */
export function issueWaves(
  desired: DesiredCluster,
  title: string,
  before: readonly HereStep[],
  issues: readonly Issue[],
): readonly Wave[] {
  const inStore: readonly HereStep[] = [
    ...before,
    ...issues.flatMap(({ certificate, because }): readonly HereStep[] =>
      certificate.keyPlace === 'store' ? [{ kind: 'issue-certificate', certificate, because }] : [],
    ),
  ];
  const lanes = [...desired.members, ...desired.consumers].map(({ name, keys }) => {
    const mine = issues.filter(
      ({ certificate: { keyPlace, member, consumer } }) =>
        keyPlace === 'host' && (member ?? consumer) === name,
    );
    const { directory } = keys;
    return onHost(
      name,
      mine.map(({ certificate, because }) => ({
        ...({ kind: 'certify-host-key', certificate, directory, because } as const),
      })),
    );
  });
  return [...unnoticed(title, [here(inStore)]), ...unnoticed('make keys on their hosts', lanes)];
}

/** Removes from the store what it had of keys that hosts make now, once their certificates are in use. */
export function forgetKeys(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const certificates = desired.certificates.flatMap((certificate) => {
    const { id, keyPlace } = certificate;
    const isThere = facts.store.certificates.get(id)?.keySha256 !== undefined;
    const isStray = keyPlace === 'host' && keysOnHost(certificate, facts) !== undefined;
    return isThere && isStray ? [id] : [];
  });
  if (certificates.length === 0) return [];
  const because = 'the keys in use are on their hosts';
  const steps = [{ kind: 'remove-store-keys', certificates, because } as const];
  return unnoticed('forget former keys', [here(steps)]);
}

/** The keys on the host that has the certificate, or undefined where nobody has looked. */
export function keysOnHost(
  { member = '', consumer = '' }: DesiredCertificate,
  { members, consumers }: ClusterFacts,
): KeysFact | undefined {
  return (foundOf({ members }, member) ?? foundConsumer({ consumers }, consumer))?.keys;
}
