import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor } from '../../etcd/upgrade-path.ts';
import { minorOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { convergeWaves, type Scope } from '../converge-waves.ts';
import { type DecisionOptions, decide } from '../decision.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { waiting } from '../unnoticed.ts';
import { namesOf, prepareRunning } from '../waves.ts';
import { clusterVersionWaves } from './cluster-version.ts';
import { downgradeRefusals } from './downgrade-refusals.ts';
import { newestOfAll } from './under-way.ts';
import { runningVersions } from './upgrade-path-of.ts';

/**
 * Brings a running cluster to the minor version before (downgrade_3_6.md): the cluster first, which takes its database back
 * to what the earlier program reads, then one member after another. As long as nobody was changed it is cancelled where
 * something fails.
 */
export function planDowngrade(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { limit, ...options }: Omit<DecisionOptions, 'downgrades'> & Pick<Scope, 'limit'>,
): Plan {
  const { version } = desired;
  const refusals = downgradeRefusals(desired, facts);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const decision = decide(desired, facts, { ...options, downgrades: true });
  if (decision.refusals.length > 0) return refusedPlan(desired, decision.refusals);
  const running = runningVersions(facts);
  const newest = newestOfAll(running) ?? version;
  const isBegun = running.some((one) => !changesMinor(one, version));
  const told = isBegun ? undefined : clusterVersionWaves(desired, facts, limit);
  const minor = minorOf(version);
  const because = `programs of ${minor} start in a cluster of that version only`;
  const { waves, notes = [] } = convergeWaves(decision, {
    limit,
    titleOf: (member, isRestarted) =>
      isRestarted ? `take ${member} back to ${version}` : `change ${member}`,
    // Programs that cannot be brought, or do not run there, are known before anything is begun.
    ahead: [
      ...prepareRunning(decision.members, true, []),
      ...(told ? [told.lower(minor, because)] : []),
    ],
    isPrepared: true,
    ...(told && { undoFirst: [told.cancel] }),
  });
  const members = namesOf(desired);
  const served = [
    { kind: 'serves-version', members, version },
    { kind: 'goes-down-no-more', members },
  ] as const;
  const all = [...waves, ...waiting(`see that all serve ${version}`, members, served)];
  return planOf(desired, all, { notes: [...notes, wayBack(newest, version)] });
}

function wayBack(from: string, to: string): string {
  return `the way back: as long as one member runs ${from}, set etcd.version to ${from}: the next up cancels the downgrade and brings those that were changed back; afterwards an upgrade leads to ${from} again, or the snapshot that is taken first, by restore with etcd.version ${from}. What only ${minorOf(from)} can do is gone with ${to}`;
}
