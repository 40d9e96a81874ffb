import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { BootSettings } from '../../desired/member-settings.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { neverStarted } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { heldList } from '../../observed/membership.ts';
import { type ObservedMember, observed, someoneAnswers } from '../../observed/observed.ts';
import { type Exchange, exchanged } from './exchange.ts';
import type { Leaving } from './leaving.ts';

type Facts = Pick<ClusterFacts, 'members'>;

/** How far a member of the inventory has come on its way into a cluster that answers. */
export interface Joining {
  readonly name: string;
  readonly desired: DesiredMember;
  /** Its entry in etcd's list, as soon as it has one. */
  readonly listed: EtcdMember | undefined;
  /** Whether nobody answers without it: it counts already, and starts together with the others. */
  readonly isNeeded: boolean;
  /** Whether it has a log, so that it only has to catch up. */
  readonly hasLog: boolean;
  /** The members that it starts with, itself among them: etcd refuses another list (etcd-facts §5.4). */
  readonly startsWith: BootSettings['initialCluster'];
}

/**
 * The members of the inventory that the cluster does not have yet, or has without a vote, in their order: one joins after
 * another. Those that were announced and never started come first, since they count already: where nobody answers for want
 * of one, it is what has to be started. Nobody where no member tells who the members are.
 */
export function joiningMembers(
  cluster: DesiredCluster,
  facts: Facts,
  leaving: readonly Leaving[] = [],
): readonly Joining[] {
  const { members, list, strangers } = observed(cluster, facts);
  if (list === undefined) return [];
  const announced = new Set(neverStarted(list.members).map(({ id }) => id));
  const isAlive = someoneAnswers(facts);
  const isNeeded = ({ listed, found }: ObservedMember) =>
    !isAlive && listed !== undefined && !listed.isLearner && found?.data?.hasLog !== true;
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
  if (!isAlive && !joining.some(isNeeded)) return [];
  const coming = joining.filter((one) => one.listed === undefined && !isNeeded(one));
  const order = exchangeOrder(cluster, facts, coming, leaving);
  return joining.map((member, at) => {
    const { name, desired, listed, found } = member;
    const gone = goneBefore(order, name, leaving);
    const others = strangers.filter(({ id }) => !gone.has(id));
    const later = new Set(
      joining.slice(at + 1).flatMap((one) => (one.listed === undefined ? [one.name] : [])),
    );
    return {
      ...{ name, desired, listed, isNeeded: isNeeded(member) },
      hasLog: found?.data?.hasLog === true,
      startsWith: members
        .filter((one) => !later.has(one.name))
        .flatMap((one) => placesOf(one.name, one.listed?.peerUrls ?? [one.desired.peerUrl]))
        .concat(others.flatMap(({ id, name, peerUrls }) => placesOf(name || id, peerUrls))),
    };
  });
}

/** In which order members that the cluster does not have yet come, and those that answer and are to leave go. */
export function exchangeOrder<Coming>(
  { members }: Pick<DesiredCluster, 'members'>,
  facts: Facts,
  coming: readonly Coming[],
  leaving: readonly Leaving[],
): readonly Exchange<Coming>[] {
  const listed = heldList(facts)?.members.length ?? 0;
  // Those that are down are removed before.
  const down = leaving.filter(({ answers }) => !answers).length;
  const going = leaving.filter(({ answers }) => answers);
  return exchanged(coming, going, { now: listed - down, meant: members.length });
}

/** The ids of those that have left before this one comes. */
function goneBefore(
  order: readonly Exchange<{ readonly name: string }>[],
  name: string,
  leaving: readonly Leaving[],
): ReadonlySet<string> {
  const turn = order.findIndex((one) => 'coming' in one && one.coming.name === name);
  return new Set([
    ...leaving.flatMap(({ entry, answers }) => (answers ? [] : [entry.id])),
    ...order
      .slice(0, Math.max(0, turn))
      .flatMap((one) => ('going' in one ? [one.going.entry.id] : [])),
  ]);
}

/**
 * What a member's etcd.conf names until those that join have joined: a newcomer's what it starts with, that of others those
 * that are in etcd's list. Undefined where that is the inventory.
 */
export function namedUntilJoined(
  { members }: Pick<DesiredCluster, 'members'>,
  joining: readonly Joining[],
  member: string,
): BootSettings['initialCluster'] | undefined {
  const own = joining.find(({ name, hasLog }) => name === member && !hasLog);
  const coming = new Set(
    joining.flatMap(({ name, listed }) => (listed === undefined ? [name] : [])),
  );
  if (own !== undefined || coming.size === 0) return own?.startsWith;
  return members
    .filter(({ name }) => !coming.has(name))
    .map(({ name, peerUrl }) => ({ name, peerUrl }));
}

function placesOf(name: string, peerUrls: readonly string[]): BootSettings['initialCluster'] {
  return peerUrls.map((peerUrl) => ({ name, peerUrl }));
}
