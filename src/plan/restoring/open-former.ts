import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { planOf } from '../make-plan.ts';
import { planMember } from '../member.ts';
import type { Plan } from '../plan.ts';
import { rollMembers } from '../roll-members.ts';
import { startMembers } from '../waves.ts';

export interface OpenFormerOptions {
  /** The token that they were formed with. */
  readonly token: string;
}

/**
 * Decides how members of the former cluster are opened to their clients, one after another; those that stand still start
 * first. Where nobody answers yet, those that are ready are opened all the same.
 */
export function planOpenFormer(
  desired: DesiredCluster,
  seen: ClusterFacts,
  { token }: OpenFormerOptions,
): Plan {
  const boot = { token, formed: true };
  const members = seenMembers(desired, seen).map(({ desired: member, found }) =>
    planMember(desired, member, seen, found, boot, { reissued: new Set() }),
  );
  const alive = someoneAnswers(seen);
  const rest = alive ? members : members.filter(({ running, ready }) => running && ready);
  return planOf(desired, [
    ...startMembers(desired, members, alive),
    ...rollMembers(desired, seen, rest),
  ]);
}
