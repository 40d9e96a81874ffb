import type { DesiredCluster } from '../../desired/cluster.ts';
import { readHeader } from '../../desired/header.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, remedy } from '../../problem/remedy.ts';
import { parentOf } from '../path.ts';
import type { Refusal } from '../plan.ts';
import { type MisnamedMember, misnamedRefusals } from './misnamed.ts';
import { relation } from './owners.ts';
import { type Tenant, tenantsOf, valuesOf } from './tenants.ts';

/**
 * Why a cluster is not stopped by this inventory: no host has the unit and files that it gives, and there the cluster of
 * this name has others. Whatever was stopped or removed, that cluster would go on.
 */
export function setUpElsewhere(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const seen = seenMembers(cluster, facts);
  const isHere = seen.some(({ found }) =>
    [found.unitFile, found.conf].some(
      (file) => readHeader(file?.content)?.cluster === cluster.name,
    ),
  );
  if (isHere) return [];
  return misnamedRefusals(
    seen.flatMap(({ desired, found }) =>
      tenantsOf(found.tenants)
        .filter((one) => relation(cluster, desired, one) === 'namesake')
        .map((one) => elsewhere(cluster, desired.name, one)),
    ),
  );
}

function elsewhere(cluster: DesiredCluster, member: string, tenant: Tenant): MisnamedMember {
  const { unit, pid, confFiles } = tenant;
  const data = valuesOf(tenant, 'ETCD_DATA_DIR').at(-1);
  const conf = confFiles[0];
  const differing = [
    ['etcd.unit', unit?.replace(/\.service$/, ''), cluster.unit],
    ['etcd.paths.data', data, cluster.paths.data],
    ['etcd.paths.conf', conf && parentOf(conf), cluster.paths.conf],
  ].filter(([, was, is]) => was !== undefined && was !== is);
  const says = differing.map(([key, , is]) => `${key}: ${is}`).join(', ');
  const was = differing.map(([key, value]) => `${key}: ${value}`).join(', ');
  const how = pid > 0 ? 'runs' : 'is set up';
  const here = `${cluster.name} ${how} there as ${unit ?? `process ${pid}`}${data === undefined ? '' : ` with ${data}`}; the inventory says ${says}`;
  return {
    member,
    here,
    shared: here,
    next: [
      remedy`put ${was} back into ${INVENTORY}, and its addresses and ports; or correct cluster, where another one is meant`,
    ],
  };
}
