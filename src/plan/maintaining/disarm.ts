import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { alarmsOf } from '../../observed/alarms.ts';
import { observed } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { onHost } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal, Wave } from '../plan.ts';
import { plannedCluster } from '../planned-cluster.ts';
import { quietWave } from '../unnoticed.ts';
import { type Database, databasesOf, describeDatabase, isTight, SHARE } from './database.ts';
import { unfitForDefragmentation } from './maintenance-refusals.ts';

/** Decides whether NOSPACE may be disarmed: every member answers, and is below its share of the quota. */
export function planDisarm(desired: DesiredCluster, facts: ClusterFacts): Plan {
  const unfit = unfitForDefragmentation(desired, facts);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  if (!hasNoSpace(facts)) return planOf(desired, [], { notes: ['no alarm stands'] });
  const tight = databasesOf(desired, facts).filter(isTight);
  if (tight.length > 0) return refusedPlan(desired, tight.map(stillFull));
  return planOf(desired, disarmWaves(desired, facts));
}

/** Whether any member is named by NOSPACE. */
export function hasNoSpace(facts: ClusterFacts): boolean {
  return alarmsOf(facts).some(({ kind }) => kind === 'NOSPACE');
}

/** Takes the alarm away, unless a member has grown by then. */
export function disarmWaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const { contact: via } = observed(desired, facts);
  if (via === undefined) return [];
  const most = Object.fromEntries(
    databasesOf(desired, facts)
      .filter(({ quota }) => Number.isFinite(quota))
      .map(({ name, quota }) => [name, mostOf(quota)]),
  );
  const because = 'it stands until somebody takes it away, and nobody can write meanwhile';
  const step = { kind: 'disarm-nospace', cluster: plannedCluster(desired), most, because } as const;
  return [quietWave('disarm NOSPACE', [onHost(via.name, [step])])];
}

/** What of its quota a database may have, bytes. */
export function mostOf(quota: number): number {
  return Math.floor(SHARE * quota);
}

function stillFull(database: Database): Refusal {
  const { name } = database;
  return {
    kind: 'still-full',
    about: [name],
    sentence: `${name}: ${describeDatabase(database)}: the next writes would raise the alarm again`,
    next: [remedy`make space and disarm it then: ${provision('maintain', 'space', INVENTORY)}`],
  };
}
