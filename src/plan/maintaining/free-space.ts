import type { DesiredCluster } from '../../desired/cluster.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type SeenMember, seenMembers } from '../../observed/observed.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { compactWaves, presentRevision, whatIsLost } from './compact.ts';
import { databaseOf, databasesOf, describeDatabase, isTight } from './database.ts';
import { defects, defragmentWaves, stalls } from './defragment.ts';
import { disarmWaves, hasNoSpace, mostOf } from './disarm.ts';
import { unfitForDefragmentation } from './maintenance-refusals.ts';

export interface FreeSpaceOptions {
  /** Revisions of history that stay. */
  readonly keep: number;
  /** How long a compaction, and each defragmentation, may take. */
  readonly seconds: number;
  readonly allowDowntime: boolean;
}

/**
 * Decides what brings a cluster back from NOSPACE, or keeps it from there: history goes, members that are nearly full are
 * rewritten one by one, the alarm is disarmed. Who is small by now has been done by a run before this one.
 */
export function planFreeSpace(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { keep, seconds, allowDowntime }: FreeSpaceOptions,
): Plan {
  const unfit = unfitForDefragmentation(desired, facts);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  const tight = seenMembers(desired, facts).filter((member) => {
    const database = databaseOf(member);
    return database !== undefined && isTight(database);
  });
  const isArmed = hasNoSpace(facts);
  const disarm = isArmed ? disarmWaves(desired, facts) : [];
  if (tight.length === 0)
    return planOf(desired, disarm, {
      notes: databasesOf(desired, facts).map((one) => `${one.name}: ${describeDatabase(one)}`),
    });
  // While the alarm stands nobody takes writes anyway.
  const stall = isArmed ? [] : stalls(desired, facts, allowDowntime);
  if (stall.length > 0) return refusedPlan(desired, stall);
  const present = presentRevision(desired, facts) ?? 0;
  const target = present - keep;
  const waves = [
    ...(target > 1 ? compactWaves(desired, facts, target, seconds) : []),
    ...defragmentWaves(desired, tight, seconds, { because: whyFull, limitOf }),
    ...disarm,
  ];
  const lost = target > 1 ? [whatIsLost(target, present)] : [];
  return planOf(desired, waves, { notes: [...defects(desired, waves), ...lost] });
}

/** What of its quota a member may have in the end. */
function limitOf(
  member: SeenMember,
): { readonly quota: number; readonly most: number } | undefined {
  const quota = databaseOf(member)?.quota ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(quota) ? { quota, most: mostOf(quota) } : undefined;
}

function whyFull(member: SeenMember): string {
  const database = databaseOf(member);
  if (database === undefined) return 'it is nearly full';
  const { size, quota } = database;
  return `its database has ${describeBytes(size)} of a quota of ${describeBytes(quota)}`;
}
