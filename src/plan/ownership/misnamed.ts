import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { groupedBy } from '../../problem/grouped.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { clearing } from './clear-by-hand.ts';
import type { Tenant } from './tenants.ts';

/** A member that the inventory calls otherwise than its host does. */
export interface MisnamedMember {
  readonly member: string;
  /** What is there, for a sentence about this member alone. */
  readonly here: string;
  /** The same for several members: it holds for all that have it in common. */
  readonly shared: string;
  readonly next: Next;
}

/** The same mistake of several members once. */
export function misnamedRefusals(all: readonly MisnamedMember[]): readonly Refusal[] {
  const alike = groupedBy(all, ({ shared, next }) => JSON.stringify([shared, next]));
  return [...alike.values()].map((group) => {
    const about = [...new Set(group.map(({ member }) => member))];
    const [first] = group;
    return {
      kind: 'mistaken',
      about,
      sentence: `${about.join(', ')}: ${(about.length === 1 ? first?.here : first?.shared) ?? ''}`,
      next: first?.next ?? [],
    };
  });
}

/** A member that runs, or would, under the name of another cluster. */
export function renamedMember(
  cluster: DesiredCluster,
  { name }: Pick<DesiredMember, 'name'>,
  { data, tenants }: Pick<MemberFacts, 'data' | 'tenants'>,
  tenant: Tenant,
): MisnamedMember {
  const { header, unit, clusterId, settings } = tenant;
  const former = header?.cluster ?? '';
  const member = header?.member ?? name;
  const isData =
    data?.used === true && settings.some((one) => one.get('ETCD_DATA_DIR') === cluster.paths.data);
  const id = isData ? data.wal?.clusterId : clusterId;
  const of = `cluster ${former}${id === undefined ? '' : ` (cluster id ${id})`}`;
  const given = `with the address and files that the inventory gives to cluster ${cluster.name}`;
  const names = member === name ? '' : `, and the member's name: ${member}`;
  return {
    member: name,
    here: isData
      ? `${cluster.paths.data} holds ${(data.bytes / 1_048_576).toFixed(1)} MiB of data of ${of}, last written ${data.modifiedAt === 0 ? 'at an unknown time' : new Date(data.modifiedAt * 1000).toISOString()}, ${given}`
      : `${unit} is member ${member} of ${of}, ${given}`,
    shared: isData
      ? `${cluster.paths.data} holds data of ${of}, ${given}`
      : `${unit} is of ${of}, ${given}`,
    next: [
      remedy`to go on with ${former}, put cluster: ${former} back into ${INVENTORY}${names}; then: ${provision('up', INVENTORY)}`,
      ...(isData ? [] : clearing(name, tenant, tenants)),
    ],
  };
}

/** A member that runs, or would, in another unit. */
export function movedMember(
  cluster: Pick<DesiredCluster, 'unit'>,
  { name }: Pick<DesiredMember, 'name'>,
  { unit, pid }: Tenant,
): MisnamedMember {
  const former = (unit ?? '').replace(/\.service$/, '');
  const says = `the inventory says etcd.unit: ${cluster.unit}`;
  return {
    member: name,
    here: `${pid > 0 ? 'runs' : 'is set up'} in ${unit}; ${says}`,
    shared: `${pid > 0 ? 'run' : 'are set up'} in ${unit}; ${says}`,
    next: [remedy`put etcd.unit: ${former} back into ${INVENTORY}`],
  };
}
