import { createHash } from 'node:crypto';
import type { DesiredCluster, FirstStart } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import { trustBundle } from '../../pki/ca/trust.ts';

type Trusted = Pick<ClusterFacts, 'store' | 'rotation' | 'peerRotation'>;

/** The CA bundle that members and clients are to have, or the one of members among themselves. */
export function trustOf(facts: Trusted, authority: Authority = 'client'): string {
  const { store, rotation, peerRotation } = facts;
  return authority === 'peer'
    ? trustBundle([store.peerCa, peerRotation.next, peerRotation.previous])
    : trustBundle([store.ca, rotation.next, rotation.previous]);
}

/** A CA bundle on a member with what belongs to it. */
export interface TrustFile {
  readonly authority: Authority;
  /** `ca.crt`, `peer-ca.crt` */
  readonly bundle: string;
  readonly crl: string;
  /** Of the bundle as it is to be; undefined while the store has no such CA. */
  readonly sha256: string | undefined;
  readonly crlSha256: string | undefined;
  /** For sentences: `the CA`, `the CA of the peers`. */
  readonly called: string;
}

/** What members read only at their start: the CA bundles, one or two, each with its revocation list. */
export function trustFiles(
  { peerCa }: Pick<DesiredCluster, 'peerCa'>,
  facts: Trusted & Pick<ClusterFacts, 'crl' | 'peerCrl'>,
): readonly TrustFile[] {
  const { store, crl, peerCrl } = facts;
  const client = {
    ...({ authority: 'client', bundle: 'ca.crt', crl: 'ca.crl', called: 'the CA' } as const),
    sha256: store.ca && sha256(trustOf(facts)),
    crlSha256: crl?.sha256,
  };
  if (peerCa === undefined) return [client];
  const peer = {
    ...({ authority: 'peer', bundle: 'peer-ca.crt', crl: 'peer-ca.crl' } as const),
    called: 'the CA of the peers',
    sha256: store.peerCa && sha256(trustOf(facts, 'peer')),
    crlSha256: peerCrl?.sha256,
  };
  return [client, peer];
}

/** Whether the peers' CA is still the one of clients: they are about to get their own. */
export function isSplitOff({ store }: Pick<ClusterFacts, 'store'>): boolean {
  return store.peerCa !== undefined && store.peerCa.pem === store.ca?.pem;
}

/** Which revocation lists there are, as etcd.conf depends on it. */
export function listsOf({
  crl,
  peerCrl,
}: Pick<ClusterFacts, 'crl' | 'peerCrl'>): Pick<FirstStart, 'crl' | 'peerCrl'> {
  return { crl: crl !== undefined, peerCrl: peerCrl !== undefined };
}

/** The checksum of a text as the hosts compute it for a file. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
