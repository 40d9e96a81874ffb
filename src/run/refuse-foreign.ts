import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { changedOnHosts, misdescribed } from '../plan/ownership/misdescribed.ts';
import { ownershipRefusals } from '../plan/ownership/owners.ts';
import type { Refusal } from '../plan/plan.ts';
import { observeMembers } from './observe-hosts.ts';
import type { Session } from './session.ts';
import { type RefusalOptions, throwRefusals } from './throw-refusals.ts';

type Reached = Pick<Session, 'desired' | 'hosts' | 'store'>;
type Rule = (
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'binaries'>,
) => readonly Refusal[];

/**
 * Throws a Failure (refused) when what the cluster would use on the hosts that answer is somebody else's. Gives what the
 * inventory has otherwise than they do: it harms nobody who only reads.
 */
export async function refuseForeign(
  session: Reached,
  asked: RefusalOptions,
): Promise<readonly Refusal[]> {
  const members = await refuseBy(ownershipRefusals, session, asked);
  return changedOnHosts(session.desired, { members });
}

/** Throws a Failure (refused) when the hosts that answer are somebody else's, or are not what the inventory describes. */
export async function refuseMisdescribed(session: Reached, asked: RefusalOptions): Promise<void> {
  await refuseBy(misdescribed, session, asked);
}

async function refuseBy(
  rule: Rule,
  { desired, hosts, store }: Reached,
  asked: RefusalOptions,
): Promise<ClusterFacts['members']> {
  const reached = { ...desired, members: desired.members.filter(({ name }) => hosts.has(name)) };
  const members = await observeMembers({ desired: reached, hosts, store, needs: 'every-host' });
  const refusals = rule(desired, { members, binaries: [] });
  throwRefusals({ cluster: desired.name, refusals }, asked);
  return members;
}
