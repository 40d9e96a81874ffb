import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { heldList } from '../../observed/membership.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Joining } from '../membership/joining.ts';
import { placeOf } from '../membership/membership.ts';
import type { Refusal } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import type { Readdressed } from './readdressed.ts';

/** Why members must not be dialled elsewhere now. */
export function readdressRefusals(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'now' | 'answeringElsewhere'>,
  readdressed: readonly Readdressed[],
  joining: readonly Joining[],
): readonly Refusal[] {
  const all = heldList(facts)?.members ?? [];
  return [
    ...safely(cluster, facts, twice(facts, readdressed)),
    ...readdressed.flatMap((one) => [...learner(one), ...taken(one, all)]),
    ...besideJoining(readdressed, joining),
  ];
}

/**
 * A member whose data was copied while it ran on: started, the copy would vote a second time as the same member, and what was
 * acknowledged since is not in it.
 */
function twice(
  { answeringElsewhere }: Pick<ClusterFacts, 'answeringElsewhere'>,
  readdressed: readonly Readdressed[],
): readonly Proposal[] {
  return readdressed
    .filter(({ entry, answers }) => !answers && answeringElsewhere?.has(entry.id) === true)
    .map(({ name, desired, entry }) => {
      const is = placeOf(desired.peerUrl).host;
      const was = placeOf(entry.peerUrls[0] ?? '').host;
      return {
        kind: 'runs-elsewhere',
        about: [name],
        sentence: `${name}: still runs at ${was}, and what is at ${is} is a copy of its data: a copy must never run, neither beside its original nor after it`,
        next: [
          remedy`put address ${was} of ${name} back into the inventory`,
          remedies.replaceMember(
            name,
            `if ${name} is to run at ${is}, with what it gets from the others`,
          ),
        ],
      };
    });
}

// Before 3.5.31 and 3.6.12, and in all 3.4, an update of peer URLs silently makes a learner a voter (etcd-io/etcd#21694).
function learner({ name, entry }: Readdressed): readonly Refusal[] {
  if (!entry.isLearner) return [];
  const { host, port } = placeOf(entry.peerUrls[0] ?? '');
  return [
    {
      kind: 'learner',
      about: [name],
      sentence: `${name}: is a learner; changing its peer URL could make it a voter by accident`,
      next: [
        remedy`let it get its vote first: put address ${host} and peer port ${port} back, then: ${provision('up', INVENTORY)}`,
      ],
    },
  ];
}

/** Two members cannot have one peer URL, not even while they exchange theirs. */
function taken(
  { name, desired, entry }: Readdressed,
  all: readonly EtcdMember[],
): readonly Refusal[] {
  const holder = all.find(({ id, ...one }) => id !== entry.id && isAt(one, desired.peerUrl));
  if (holder === undefined) return [];
  return [
    {
      kind: 'peer-url-taken',
      about: [name],
      sentence: `${name}: cannot move to ${desired.peerUrl}: in the list of members ${holder.name || holder.id} is there`,
      next: [
        remedy`move ${holder.name || 'that one'} to another address first, with ${name} at ${placeOf(entry.peerUrls[0] ?? '').host} as before: ${provision('up', INVENTORY)}; members that exchange their addresses need a third one in between`,
      ],
    },
  ];
}

/** Why members do not move while a later minor version is gone to: what leads back from one would not lead back from both. */
export function besideUpgrade(
  { version }: Pick<DesiredCluster, 'version'>,
  readdressed: readonly Readdressed[],
): readonly Refusal[] {
  if (readdressed.length === 0) return [];
  const about = readdressed.map(({ name }) => name);
  return [
    {
      kind: 'one-change',
      about,
      sentence: `${about.join(', ')} ${about.length === 1 ? 'is' : 'are'} at another address, and etcd ${version} is another minor version: one change at a time can be undone`,
      next: [
        remedy`put the former etcd.version back, then: ${provision('up', INVENTORY)}; when ${about.join(', ')} ${about.length === 1 ? 'has' : 'have'} moved, go to ${version}`,
      ],
    },
  ];
}

/** A newcomer starts with the list as it is, so it must not change meanwhile. */
function besideJoining(
  readdressed: readonly Readdressed[],
  joining: readonly Joining[],
): readonly Refusal[] {
  const [first] = joining;
  if (first === undefined || readdressed.length === 0) return [];
  const moving = readdressed.map(({ name }) => name).join(', ');
  const coming = joining.map(({ name }) => name).join(', ');
  return [
    {
      kind: 'one-change',
      about: [...readdressed, ...joining].map(({ name }) => name),
      sentence: `${moving} ${readdressed.length === 1 ? 'is' : 'are'} at another address, and ${coming} ${joining.length === 1 ? 'is' : 'are'} to join: the list of members changes for one reason at a time`,
      next: [
        first.listed === undefined
          ? remedy`take ${coming} out of the inventory until ${moving} ${readdressed.length === 1 ? 'has' : 'have'} moved`
          : remedy`put the former address of ${moving} back until ${coming} ${joining.length === 1 ? 'has' : 'have'} joined`,
      ],
    },
  ];
}
