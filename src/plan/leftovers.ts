import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';

/** Certificates of the store that the inventory does not name, not those of the CA that signs: of former members, consumers, clients. */
export function leftovers(
  { certificates }: Pick<DesiredCluster, 'certificates'>,
  { store }: Pick<ClusterFacts, 'store'>,
): readonly string[] {
  const named = new Set(certificates.map(({ id }) => id));
  const signing = store.ca?.fact.fingerprint256;
  return [...store.certificates]
    .filter(([id, { issuerFingerprint256 }]) => !named.has(id) && issuerFingerprint256 !== signing)
    .map(([id]) => id);
}
