import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { removalRefusals } from './leaving.ts';
import { placeOf } from './membership.ts';

/**
 * Why up leaves a cluster alone whose members the inventory names none of, until somebody says that those machines are to
 * leave: an inventory of other machines may as well be a mistake.
 */
export function movedMachines(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  staying: readonly EtcdMember[],
): readonly Proposal[] {
  const { members, outgoing, strangers } = observed(cluster, facts);
  if (outgoing.length === 0 || staying.length === 0) return [];
  const leaving = strangers.toSorted((one, other) => one.name.localeCompare(other.name));
  const all = leaving.map(({ name, id }) => name || id);
  const about = staying.map(({ name, id }) => name || id);
  const isSafe = removalRefusals(cluster, facts, all).length === 0;
  const names = members.map(({ name }) => name).join(', ');
  return [
    {
      kind: 'moved-machines',
      about,
      sentence: `${cluster.name} runs on ${leaving.map(placed).join(', ')}; the inventory names ${names}, and ${about.join(', ')} not`,
      next: [
        ...(isSafe
          ? [
              remedy`if the cluster is to move to ${names}, with all its data, and leave the others: ${provision('up', INVENTORY, '--remove', all.join(','))}`,
            ]
          : [
              remedy`see who does not answer: ${provision('doctor', INVENTORY)}, with an inventory of ${all.join(', ')}`,
            ]),
        remedy`if not, put ${about.join(', ')} back into the inventory`,
      ],
    },
  ];
}

function placed({ name, id, peerUrls }: EtcdMember): string {
  return `${name || id} (${peerUrls.map((url) => placeOf(url).host).join(', ')})`;
}
