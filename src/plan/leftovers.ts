import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';

/** The cluster with those certificates too that the store keeps for clients whom a consumer has as well. */
export function withShared(
  desired: DesiredCluster,
  { store }: Pick<ClusterFacts, 'store'>,
): DesiredCluster {
  const named = new Set(desired.certificates.map(({ id }) => id));
  const shared = desired.sharedClients.filter(
    ({ id }) => store.certificates.has(id) && !named.has(id),
  );
  return shared.length === 0
    ? desired
    : { ...desired, certificates: [...desired.certificates, ...shared] };
}

/** Certificates of the store that the inventory does not name: of former members, consumers and clients. */
export function unnamed(
  { certificates, sharedClients }: Pick<DesiredCluster, 'certificates' | 'sharedClients'>,
  { store }: Pick<ClusterFacts, 'store'>,
): readonly string[] {
  const named = new Set([...certificates, ...sharedClients].map(({ id }) => id));
  return [...store.certificates.keys()].filter((id) => !named.has(id));
}

/** Those of them that no CA that signs has issued: nobody accepts them once trust in the former one has ended. */
export function leftovers(
  desired: Pick<DesiredCluster, 'certificates' | 'sharedClients'>,
  facts: Pick<ClusterFacts, 'store'>,
): readonly string[] {
  const { ca, peerCa, certificates } = facts.store;
  const signers = [ca, peerCa].map((one) => one?.fact.fingerprint256);
  return unnamed(desired, facts).filter((id) => {
    const issuer = certificates.get(id)?.issuerFingerprint256;
    return issuer === undefined || !signers.includes(issuer);
  });
}
