import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundOf } from '../../observed/found.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import type { StoreFacts } from '../../pki/store/store-facts.ts';
import { rotationState } from './rotation-state.ts';

/** Whether the store has another certificate than its host has in place; not where either has none. */
export function isPending(
  { id, row }: Pick<DesiredCertificate, 'id' | 'row'>,
  found: Pick<MemberFacts, 'pki'> | undefined,
  store: StoreFacts,
): boolean {
  const stored = store.certificates.get(id);
  const there = found?.pki.files.get(`${row}.crt`);
  return stored !== undefined && there !== undefined && there.sha256 !== stored.certificateSha256;
}

/** A sentence about each member that has not got yet what the store has for it, as one that was away when leaves were rotated. */
export function pendingLeaves(
  { certificates, members }: Pick<DesiredCluster, 'certificates' | 'members'>,
  facts: Pick<ClusterFacts, 'members' | 'store' | 'rotation' | 'peerRotation'>,
): readonly string[] {
  // A change of CA that is not over is told by itself.
  if (rotationState(facts) !== undefined || facts.peerRotation.next !== undefined) return [];
  return members.flatMap(({ name }) => {
    const rows = certificates.filter(
      (one) => one.member === name && isPending(one, foundOf(facts, name), facts.store),
    );
    if (rows.length === 0) return [];
    return [
      `${name} does not have the newest certificates of the store (${rows.map(({ row }) => row).join(', ')}); up brings them`,
    ];
  });
}
