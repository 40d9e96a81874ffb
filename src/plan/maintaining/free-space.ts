import type { DesiredCluster } from '../../desired/cluster.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type SeenMember, seenMembers } from '../../observed/observed.ts';
import { absenceRefusals, costsQuorum } from '../absence/away.ts';
import { idsOutside } from '../absence/ids-outside.ts';
import type { Left } from '../left.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { namesOf } from '../waves.ts';
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
  /** Members that are away, and are done without. */
  readonly away?: readonly string[] | undefined;
}

/**
 * Decides what brings a cluster back from NOSPACE, or keeps it from there: history goes, members that are nearly full are
 * rewritten one by one, the alarm is disarmed. Who is small by now has been done by a run before this one.
 */
export function planFreeSpace(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { keep, seconds, allowDowntime, away = [] }: FreeSpaceOptions,
): Plan {
  const absent = away.length === 0 ? [] : absenceRefusals(desired, facts, away);
  const unfit = absent.length > 0 ? absent : unfitForDefragmentation(desired, facts, away);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  const tight = seenMembers(desired, facts).filter((member) => {
    const database = databaseOf(member);
    return database !== undefined && isTight(database) && !away.includes(member.name);
  });
  const isArmed = hasNoSpace(facts);
  const cost = away.length === 0 || allowDowntime ? undefined : costsQuorum(desired, facts, away);
  const isStuck = cost !== undefined && tight.length > 0;
  const disarm = isArmed && !isStuck ? disarmWaves(desired, facts) : [];
  const left = [...away.map(awayFull), ...(isStuck ? tight.map((one) => leftFull(one, cost)) : [])];
  const absence = away.length > 0 && { away, left };
  if (tight.length === 0)
    return planOf(desired, disarm, {
      notes: databasesOf(desired, facts).map((one) => `${one.name}: ${describeDatabase(one)}`),
      ...absence,
    });
  // While the alarm stands nobody takes writes anyway.
  const stall = isArmed || away.length > 0 ? [] : stalls(desired, facts, allowDowntime);
  if (stall.length > 0) return refusedPlan(desired, stall);
  const present = presentRevision(desired, facts) ?? 0;
  const target = present - keep;
  const among = namesOf(desired).filter((name) => !away.includes(name));
  const waves = [
    ...(target > 1 ? compactWaves(desired, facts, target, seconds) : []),
    ...defragmentWaves(desired, isStuck ? [] : tight, seconds, {
      ...{ because: whyFull, limitOf, among, except: idsOutside(desired, facts, among) },
    }),
    ...disarm,
  ];
  const lost = target > 1 ? [whatIsLost(target, present)] : [];
  return planOf(desired, waves, { notes: [...defects(desired, waves), ...lost], ...absence });
}

/** Its own database says how full it is: etcd raises the alarm again with the first write that it applies then. */
function awayFull(name: string): Left {
  return {
    name,
    because:
      'away; it has to be defragmented when it is back, and if its database is full it raises NOSPACE again until then',
  };
}

function leftFull({ name }: SeenMember, cost: string): Left {
  return {
    name,
    because: `would take no requests meanwhile, and ${cost}; --allow-downtime accepts that`,
  };
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
