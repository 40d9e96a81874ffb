import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundOf } from '../../observed/found.ts';
import { sha256, trustOf } from './trust.ts';

/**
 * How far a change of the peers' CA has come, as `CaPhase` says it of the clients' one: `none` · `trust` the new CA is
 * being made known · `sign` every member trusts both · `leaves` the new CA signs · `drop` members learn by a restart that
 * the old one is not trusted any more.
 */
export type PeerCaPhase = 'none' | 'trust' | 'sign' | 'leaves' | 'drop';

/** The phase, from what is in the store and what members' processes have started with. */
export function peerCaPhase(desired: DesiredCluster, facts: ClusterFacts): PeerCaPhase {
  const { next, previous } = facts.peerRotation;
  const all = desired.members.every(({ name }) => peersTrust(desired, facts, name));
  if (next !== undefined && previous === undefined) return all ? 'sign' : 'trust';
  if (previous !== undefined) return next === undefined ? 'leaves' : 'sign';
  // Nothing of their own yet: they share the CA of clients.
  if (facts.store.peerCa === undefined) return 'none';
  return all ? 'none' : 'drop';
}

/** Whether a member's process has started with exactly the CAs that its peers are to have. */
export function peersTrust(
  desired: Pick<DesiredCluster, 'paths'>,
  facts: Pick<ClusterFacts, 'members' | 'store' | 'rotation' | 'peerRotation'>,
  name: string,
): boolean {
  const found = foundOf(facts, name);
  const file = found?.pki.files.get(BUNDLE);
  const { startedAt, process } = found?.unit ?? {};
  return (
    file !== undefined &&
    startedAt !== undefined &&
    process?.environment.get('ETCD_PEER_TRUSTED_CA_FILE') === `${desired.paths.pki}/${BUNDLE}` &&
    file.sha256 === sha256(trustOf(facts, 'peer')) &&
    file.modifiedAt <= startedAt
  );
}

/** The file of CAs that a member's peers are to have. */
export const BUNDLE = 'peer-ca.crt';
