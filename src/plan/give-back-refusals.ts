import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { formerDirectory } from '../facts/data/former.ts';
import type { SeenMember } from '../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { allBack, changesSince } from './changed-since.ts';
import { untouchable } from './maintaining/maintenance-refusals.ts';
import type { Refusal } from './plan.ts';
import { downtimeRefusals, notAnsweringRefusals } from './policy.ts';
import { remedies } from './refusing/remedies.ts';

/** Why these members cannot run again as they did before provision. */
export function giveBackRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  due: readonly SeenMember[],
  options: { readonly allowDowntime: boolean },
): readonly Refusal[] {
  const first = untouchable(desired, facts);
  if (first.length > 0) return first;
  const changed = due.flatMap((member) => whatChanged(desired, facts, member));
  if (changed.length > 0) return changed;
  return [
    ...notAnsweringRefusals(desired, facts, 'this', [remedies.doctor()]),
    ...(due.length === 0 ? [] : downtimeRefusals(desired, facts, options, 'giving it back')),
  ];
}

function whatChanged(
  desired: DesiredCluster,
  { store }: ClusterFacts,
  { name, found, listed }: SeenMember,
): readonly Refusal[] {
  const { former } = found;
  if (former === undefined)
    return [
      {
        kind: 'no-former',
        about: [name],
        sentence: `${name}: provision has set it up, and nothing is kept of anything before`,
        next: [
          remedy`leave the cluster with provision; or, if ${name} has joined since, take it out of the inventory and have it removed first: ${provision('up', INVENTORY, '--remove', name)}`,
        ],
      },
    ];
  const changes = changesSince(desired, store, { found, listed }, former);
  if (changes.length === 0) return [];
  return [
    {
      kind: 'changed-since',
      about: [name],
      sentence: `${name}: cannot run as it did before provision: ${changes.map(({ what }) => what).join('; ')}`,
      next: [
        ...allBack(changes),
        remedy`leave the cluster with provision; what it was is in ${formerDirectory(desired.unit)} on its host`,
      ],
    },
  ];
}
