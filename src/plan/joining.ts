import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { BootSettings } from '../desired/member-settings.ts';
import type { EtcdMember } from '../etcd/answers.ts';
import { neverStarted } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { type ObservedMember, observed, someoneAnswers } from '../observed/observed.ts';
import type { Leaving } from './leaving.ts';

type Facts = Pick<ClusterFacts, 'members'>;

/** How far a member of the inventory has come on its way into a cluster that answers. */
export interface Joining {
  readonly name: string;
  readonly desired: DesiredMember;
  /** Its entry in etcd's list, as soon as it has one. */
  readonly listed: EtcdMember | undefined;
  /** Whether it has a log, so that it only has to catch up. */
  readonly hasLog: boolean;
  /** The members that it starts with, itself among them: etcd refuses another list (etcd-facts §5.4). */
  readonly startsWith: BootSettings['initialCluster'];
}

/**
 * The members of the inventory that a cluster that answers does not have yet, or has without a vote, in their order: one
 * joins after another. Those that were announced and never started come first, since they count already.
 */
export function joiningMembers(
  cluster: DesiredCluster,
  facts: Facts,
  leaving: readonly Leaving[] = [],
): readonly Joining[] {
  const { members, list, strangers } = observed(cluster, facts);
  if (list === undefined || !someoneAnswers(facts)) return [];
  const announced = new Set(neverStarted(list.members).map(({ id }) => id));
  const rank = ({ listed }: ObservedMember) =>
    listed === undefined ? 2 : listed.isLearner ? 1 : 0;
  const joining = members
    .filter(
      ({ listed, found }) =>
        listed === undefined ||
        listed.isLearner ||
        (announced.has(listed.id) && found?.data?.hasLog !== true),
    )
    .toSorted((one, other) => rank(one) - rank(other));
  // Those that are down are removed first.
  const isGone = (id: string) => leaving.some(({ entry, answers }) => entry.id === id && !answers);
  const others = strangers.filter(({ id }) => !isGone(id));
  return joining.map(({ name, desired, listed, found }, at) => {
    const later = new Set(
      joining.slice(at + 1).flatMap((one) => (one.listed === undefined ? [one.name] : [])),
    );
    return {
      ...{ name, desired, listed },
      hasLog: found?.data?.hasLog === true,
      startsWith: cluster.members
        .filter((one) => !later.has(one.name))
        .map((one) => ({ name: one.name, peerUrl: one.peerUrl }))
        .concat(others.flatMap(placesOf)),
    };
  });
}

function placesOf({ id, name, peerUrls }: EtcdMember): BootSettings['initialCluster'] {
  return peerUrls.map((peerUrl) => ({ name: name || id, peerUrl }));
}
