import type { DesiredCluster } from '../../desired/cluster.ts';
import { isTrue } from '../../etcd/given-settings.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

/**
 * Members that are taken over and show each other certificates that etcd has made itself (peer-auto-tls): one with a
 * certificate of a CA understands none of those, and none of those understands it, so that they cannot go one by one.
 */
export function selfMadePeers(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Proposal[] {
  const seen = seenMembers(cluster, facts);
  const names = seen.filter(({ found }) => isSelfMade(found)).map(({ name }) => name);
  if (cluster.protocol !== 'https' || names.length === 0 || cluster.members.length === 1) return [];
  const all = seen.filter(({ runs }) => runs).map(({ name }) => name);
  return [
    {
      kind: 'self-made-peer-certificates',
      about: names,
      sentence: `${names.join(', ')}: show other members certificates that etcd has made itself (peer-auto-tls), which members with certificates of a CA do not accept: one that is restarted with those would be alone`,
      next: [
        remedy`when clients can do without etcd for a minute, stop it on ${all.join(', ')}, one right after the other: systemctl stop ${cluster.unit}; then have all started together: ${provision('up', INVENTORY)}`,
      ],
    },
  ];
}

function isSelfMade({ adopted, unit }: MemberFacts): boolean {
  const said = (variable: string) => unit.process?.environment.get(variable) ?? '';
  return (
    adopted !== undefined &&
    isTrue(said('ETCD_PEER_AUTO_TLS')) &&
    said('ETCD_PEER_CERT_FILE') === ''
  );
}
