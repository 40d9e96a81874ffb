import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { Boot } from '../boot.ts';
import { replacedLogs } from '../incarnation.ts';
import { type Moving, membershipIsKept } from '../membership/membership-refusals.ts';
import type { Refusal } from '../plan.ts';
import { changedSettings } from './changed-settings.ts';
import { refusals } from './refusals.ts';

/**
 * Why `up` must not touch this cluster as it is. The first reason hides those that follow from it: to a changed path the
 * data seems gone, to a changed port every member a stranger.
 */
export function objections(
  desired: DesiredCluster,
  facts: ClusterFacts,
  boot: Pick<Boot, 'refusals'>,
  moving: Moving = {},
): readonly Refusal[] {
  const settings = changedSettings(desired, facts, moving);
  if (settings.length > 0) return settings;
  const membership = membershipIsKept(desired, facts, moving);
  if (membership.length > 0) return membership;
  return [...refusals(desired, facts), ...replacedLogs(desired, facts), ...boot.refusals];
}
