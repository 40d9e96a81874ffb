import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { isTrue } from '../../etcd/given-settings.ts';
import { caAsks } from '../../etcd/versions.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';

/**
 * A member that is taken over and serves clients that show no certificate: with ours they would be shut out at its restart,
 * and nobody who looks at it can say whether there are any.
 */
export function adoptedClients(
  { protocol, version, adoptedClients }: DesiredCluster,
  { name }: Pick<DesiredMember, 'name'>,
  { adopted, unit }: Pick<MemberFacts, 'adopted' | 'unit'>,
): readonly Proposal[] {
  const said = (variable: string) => unit.process?.environment.get(variable) ?? '';
  const asks = said('ETCD_CLIENT_CERT_AUTH');
  const namesCa = said('ETCD_TRUSTED_CA_FILE') !== '' && caAsks(version);
  if (
    protocol !== 'https' ||
    adopted === undefined ||
    adopted.isKept ||
    adoptedClients !== undefined
  )
    return [];
  if (unit.process === undefined || isTrue(asks) || namesCa) return [];
  return [
    {
      kind: 'clients-without-certificate',
      about: [name],
      sentence: `${name}: serves clients that show no certificate (client-cert-auth is off), and would refuse them from its restart on`,
      next: [
        remedy`leave that as it is for now: adopted: {clientCertificates: optional} in ${INVENTORY}; where all clients have certificates of this CA: clientCertificates: required`,
      ],
    },
  ];
}
