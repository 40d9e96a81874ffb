import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { withFound } from '../../observed/found.ts';
import { listedMember } from '../../observed/membership.ts';
import { observed } from '../../observed/observed.ts';
import { listAccess } from '../carried.ts';
import type { HostStep } from '../step.ts';

/** The step that changes a member's peer URL in the membership, when it is another one there. */
export function movePeer(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  member: DesiredMember,
): readonly HostStep[] {
  const listed = listedMember(member.name, facts.members);
  if (listed === undefined || listed.peerUrls.join() === member.peerUrl) return [];
  // Asked through another member, so that the same step can take it back when this one does not serve.
  const others = observed(cluster, facts).answers.filter(({ name }) => name !== member.name);
  const via = others[0]?.name ?? member.name;
  return [
    {
      kind: 'update-peer-urls',
      id: listed.id,
      via,
      list: listAccess(cluster),
      from: listed.peerUrls,
      to: [member.peerUrl],
      because: `members dial what the membership says, which is ${listed.peerUrls.join(', ')}`,
    },
  ];
}

/** The members once all peer URLs in the membership are those of this cluster. */
export function relisted(
  members: ClusterFacts['members'],
  cluster: DesiredCluster,
): ClusterFacts['members'] {
  const urls = new Map(cluster.members.map(({ name, peerUrl }) => [name, peerUrl]));
  return withFound({ members }, (found) => {
    const list = found.etcd.members;
    if (list === undefined) return found;
    const listed = list.members.map((one) => ({
      ...one,
      peerUrls: [urls.get(one.name) ?? one.peerUrls.join()],
    }));
    return { ...found, etcd: { ...found.etcd, members: { ...list, members: listed } } };
  }).members;
}
