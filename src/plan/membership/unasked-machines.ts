import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers } from '../../observed/observed.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import { setUpOf } from '../ownership/set-up.ts';
import type { Refusal } from '../plan.ts';

/**
 * Why a cluster is not begun: machines that had members cannot be asked, and where it runs there, a first start would make a
 * second cluster of the same name beside it.
 */
export function unaskedMachines(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'store'>,
): readonly Refusal[] {
  const { unasked = [], name } = cluster;
  if (unasked.length === 0 || isBegun(cluster, facts)) return [];
  const one = unasked.length === 1;
  const { had, gone } = memoryOf(cluster, unasked, facts.store.directory);
  return [
    {
      kind: 'members-unasked',
      about: unasked,
      sentence: `${unasked.join(', ')}: ${had} and ${one ? 'is' : 'are'} not in the inventory, and the ${one ? 'machine' : 'machines'} cannot be reached: if ${name} runs there, a first start here would make a second one`,
      next: [
        remedy`see that ${one ? 'the machine is' : 'the machines are'} up and reachable by SSH`,
        ...gone,
      ],
    },
  ];
}

/**
 * Why a cluster is not begun: it runs on other machines, where members have names that the inventory gives to new ones, or
 * another unit or configuration than it says.
 */
export function runsElsewhere(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const { elsewhere = [], members, name, unit, paths } = cluster;
  if (elsewhere.length === 0 || isBegun(cluster, facts)) return [];
  const seen = elsewhere.map(
    (one) =>
      `${one.member} runs at ${one.address}${one.unit === undefined ? '' : ` as ${one.unit}`}`,
  );
  const taken = elsewhere.filter(({ member }) => members.some((one) => one.name === member));
  const [moved] = elsewhere.filter((one) => !taken.includes(one));
  return [
    {
      kind: 'runs-elsewhere',
      about: elsewhere.map(({ member }) => member),
      sentence: `${name} runs on other machines than the inventory names: ${seen.join(', ')}; a first start here would make a second one`,
      next: [
        ...(taken.length > 0
          ? [
              remedy`give the new machines names of their own, which no member of ${name} has: ${provision('up', INVENTORY)} says then how the cluster moves there; or put ${taken.map(({ member, address }) => `${member} back at ${address}`).join(', ')}`,
            ]
          : []),
        ...(moved === undefined
          ? []
          : [
              remedy`put back what ${moved.member} has: ${moved.unit ?? 'no unit'} with ${moved.confFile ?? 'no etcd.conf'}, where the inventory says ${unit}.service with ${paths.confFile}; change one thing at a time`,
            ]),
      ],
    },
  ];
}

function isBegun(cluster: DesiredCluster, facts: Pick<ClusterFacts, 'members'>): boolean {
  return (
    (cluster.outgoing ?? []).length > 0 ||
    seenMembers(cluster, facts).some(
      ({ found }) => found.data?.used === true || setUpOf(cluster, found) !== undefined,
    )
  );
}

/** By what the machines are remembered, and how they are forgotten. */
function memoryOf(
  { protocol }: Pick<DesiredCluster, 'protocol'>,
  unasked: readonly string[],
  directory: string,
): { readonly had: string; readonly gone: Next } {
  const [has, it] =
    unasked.length === 1 ? ['has a certificate', 'it is'] : ['have certificates', 'they are'];
  return protocol === 'https'
    ? {
        had: `${has} as ${unasked.length === 1 ? 'a member' : 'members'} in ${directory}`,
        gone: [
          remedy`if ${it} gone for good: move ${unasked.map((name) => `${directory}/${name}`).join(', ')} out of the store`,
        ],
      }
    : {
        had: 'had members when up was last run with this inventory',
        gone: [
          remedy`if ${it} gone for good: give ${INVENTORY} another file name, under which nothing is remembered`,
        ],
      };
}
