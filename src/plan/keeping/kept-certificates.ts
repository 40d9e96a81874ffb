import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { isShared, isShown, type TheirFile } from '../../facts/host/their-pairs.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { type CertificateWish, certificateSteps } from '../certificates/member-certificates.ts';
import { probeStep } from '../certificates/probe-step.ts';
import type { QuietStep } from '../step.ts';
import { copiesDirectory, type WrittenPair } from './pairs-step.ts';

/**
 * What brings a member with a layout of somebody else its certificates: those that etcdctl shows into a directory of ours,
 * those that the member shows into the files that its process reads, where they were made just now.
 */
export function keptCertificates(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  found: MemberFacts,
  wish: CertificateWish,
): readonly QuietStep[] {
  const { certificates, unit } = cluster;
  // Root reads them, and their account need not.
  const beside = {
    ...{ ...cluster, account: 'root' },
    certificates: certificates.filter((one) => !isShown(one)),
  };
  const due = certificates.flatMap((one) => duePair(one, member, found, wish));
  const { name } = member;
  if (due.length === 0) return certificateSteps(beside, member, facts, found, wish);
  const because = due.map(({ because }) => because).join(', ');
  const both = isShared(found.adopted?.pairs);
  const rows = new Set(due.map(({ pair }) => pair.row));
  const probes = probeStep(cluster, name, 'new-leaves-served', 'etcd reads them at each handshake');
  return [
    ...certificateSteps(beside, member, facts, found, wish),
    {
      ...({ kind: 'install-pairs', member: name, copies: copiesDirectory(unit) } as const),
      ...{ pairs: due.map(({ pair }) => pair), because },
    },
    ...probes.map((probe) => ({
      ...probe,
      listeners: probe.listeners
        .map((one) => (both ? { ...one, row: 'server' as const } : one))
        .filter(({ row }) => rows.has(row)),
    })),
  ];
}

function duePair(
  certificate: DesiredCertificate,
  { name }: DesiredMember,
  { adopted }: MemberFacts,
  { reissued }: CertificateWish,
): readonly { readonly pair: WrittenPair; readonly because: string }[] {
  if (certificate.member !== name || !isShown(certificate)) return [];
  const { id, row, keyPlace } = certificate;
  // A key that its host keeps lies in a directory of ours.
  if (keyPlace === 'host') return [];
  const there = adopted?.pairs?.get(row);
  if (there === undefined || (row === 'peer' && isShared(adopted?.pairs))) return [];
  // Another one there is theirs: what the store has may be from a time at which the member was ours.
  if (!reissued.has(id)) return [];
  return [
    {
      pair: { id, row, keyPlace, certificate: placeOf(there.certificate), key: placeOf(there.key) },
      because: `${row} is new`,
    },
  ];
}

function placeOf({ path, mode, owner }: TheirFile): Pick<TheirFile, 'path' | 'mode' | 'owner'> {
  return { path, mode, owner };
}
