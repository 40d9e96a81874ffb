import { lookAtMembers } from '../facts/gather.ts';
import { refusedPlan } from '../plan/make-plan.ts';
import { ownershipRefusals } from '../plan/owners.ts';
import { requireSeen } from './needs.ts';
import type { Session } from './session.ts';
import { type Asked, throwRefusals } from './throw-refusals.ts';

/** Throws a Failure (refused) when what the cluster would use on the hosts that answer is somebody else's. */
export async function refuseForeign(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  asked: Asked,
): Promise<void> {
  const reached = { ...desired, members: desired.members.filter(({ name }) => hosts.has(name)) };
  const members = await lookAtMembers({ hosts, store }, reached);
  requireSeen({ members, consumers: new Map() }, 'every-host');
  const refusals = ownershipRefusals(desired, { members, binaries: [] });
  throwRefusals(refusedPlan(desired, refusals), asked);
}
