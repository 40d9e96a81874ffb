import { ownPlaces } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import { DEFECTS, defectsOf, minorOf, newestOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type SeenMember, seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { absenceRefusals, awayLeft, costsQuorum } from '../absence/away.ts';
import { idsOutside } from '../absence/ids-outside.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal, Wave } from '../plan.ts';
import { downtimeRefusals } from '../policy.ts';
import { leaderLast, rolling } from '../rolling.ts';
import type { HostStep } from '../step.ts';
import { yieldStep } from '../step-words.ts';
import { namesOf } from '../waves.ts';
import { type Database, databaseOf, describeDatabase } from './database.ts';
import { unfitForDefragmentation } from './maintenance-refusals.ts';
import type { MaintenanceStepOf } from './maintenance-step.ts';
import { holds, namesIn, type Rule } from './rule.ts';

export interface DefragmentOptions {
  /** The members that are looked at; all where it is missing. */
  readonly members?: readonly string[] | undefined;
  /** Which of them are worth it, and how a person has said it. */
  readonly rule: Rule;
  readonly when: string;
  /** How long each may take. */
  readonly seconds: number;
  readonly allowDowntime: boolean;
  /** Members that are away, and are done without. */
  readonly away?: readonly string[] | undefined;
}

/** Decides which members are worth a defragmentation; one after another, the leader last. */
export function planDefragmentation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: DefragmentOptions,
): Plan {
  const { members = namesOf(desired), rule, when, seconds, allowDowntime } = options;
  const { away = [] } = options;
  const absent = away.length === 0 ? [] : absenceRefusals(desired, facts, away);
  const unfit = absent.length > 0 ? absent : unfitForDefragmentation(desired, facts, away);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  const looked = seenMembers(desired, facts).filter(
    ({ name }) => members.includes(name) && !away.includes(name),
  );
  const databases = new Map(looked.map((member) => [member.name, databaseOf(member)]));
  const known = [...databases.values()].filter((one) => one !== undefined);
  const unjudged = cannotJudge(desired, rule, known);
  if (unjudged.length > 0) return refusedPlan(desired, unjudged);
  const isWorth = (one: Database | undefined) => one !== undefined && holds(rule, sizes(one));
  const worth = looked.filter(({ name }) => isWorth(databases.get(name)));
  const others = namesOf(desired).filter((name) => !away.includes(name));
  const cost = away.length === 0 ? undefined : costsQuorum(desired, facts, away);
  const waves = defragmentWaves(desired, cost === undefined ? worth : [], seconds, {
    because: ({ name }) => gainOf(databases.get(name)),
    among: others,
    except: idsOutside(desired, facts, others),
  });
  const left = [
    ...awayLeft(away),
    ...worth
      .filter(() => cost !== undefined)
      .map(({ name }) => ({ name, because: `would take no requests meanwhile, and ${cost}` })),
  ];
  const stall = waves.length === 0 || away.length > 0 ? [] : stalls(desired, facts, allowDowntime);
  if (stall.length > 0) return refusedPlan(desired, stall);
  const skipped = known
    .filter((one) => !isWorth(one))
    .map((one) => `${one.name} is left out: ${describeDatabase(one)}; not true of it: ${when}`);
  return planOf(desired, waves, {
    notes: [...defects(desired, waves), ...skipped],
    ...(away.length > 0 && { away, left }),
  });
}

type Limit = MaintenanceStepOf<'defragment'>['limit'];

/** Why a member is defragmented, and what of its quota it may have then, where that matters. */
interface Defragmentation {
  readonly because: (member: SeenMember) => string;
  readonly limitOf?: (member: SeenMember) => Limit;
  /** Who has to answer before and after each; all unless told. */
  readonly among?: readonly string[];
  /** Ids of members to which leadership does not go. */
  readonly except?: readonly string[];
}

/** One member after another, while all answer; who leads hands that over first. */
export function defragmentWaves(
  desired: DesiredCluster,
  members: readonly SeenMember[],
  seconds: number,
  { because, limitOf, among = namesOf(desired), except = [] }: Defragmentation,
): readonly Wave[] {
  return rolling(
    members,
    (member) => ({
      title: `defragment ${member.name}`,
      steps: stepsFor(desired, seconds, {
        because: because(member),
        limit: limitOf?.(member),
        except,
      }),
      undo: [],
    }),
    { among, order: leaderLast },
  );
}

function stepsFor(
  desired: DesiredCluster,
  seconds: number,
  {
    because,
    limit,
    except,
  }: { readonly because: string; readonly limit: Limit; readonly except: readonly string[] },
): readonly HostStep[] {
  const own = ownPlaces(desired);
  return [
    yieldStep(desired, 'a leader that takes no requests keeps everybody waiting', except),
    {
      ...{ kind: 'defragment', own, data: desired.paths.data, seconds, because },
      ...(limit && { limit }),
    },
  ];
}

/** Refuses a stall of all, unless it was accepted. */
export function stalls(
  desired: DesiredCluster,
  facts: ClusterFacts,
  allowDowntime: boolean,
): readonly Refusal[] {
  return downtimeRefusals(desired, facts, { allowDowntime }, 'a defragmentation');
}

/** What is wrong with defragmentations by this release. */
export function defects({ version }: DesiredCluster, waves: readonly unknown[]): readonly string[] {
  if (waves.length === 0 || !defectsOf(version).includes('defragCorruption')) return [];
  return [
    `with etcd ${version} ${DEFECTS.defragCorruption}: upgrade to ${newestOf(minorOf(version))} first, or choose a time with few writes`,
  ];
}

function cannotJudge(
  { version }: DesiredCluster,
  rule: Rule,
  databases: readonly Database[],
): readonly Refusal[] {
  const names = namesIn(rule);
  const unknown = databases.filter(({ sizeInUse }) => sizeInUse === undefined);
  if (unknown.length === 0 || !(names.has('sizeInUse') || names.has('free'))) return [];
  return [
    {
      kind: 'size-in-use-untold',
      about: unknown.map(({ name }) => name),
      sentence: `${unknown.map(({ name }) => name).join(', ')}: etcd ${minorOf(version)} does not say how much of its database is in use, so the rule cannot be judged`,
      next: [
        remedy`go by the size alone: ${provision('maintain', 'defrag', INVENTORY, '--when', 'size > 100MB')}`,
      ],
    },
  ];
}

function sizes({ size, sizeInUse = size, quota }: Database) {
  return { size, sizeInUse, free: size - sizeInUse, quota };
}

function gainOf(database: Database | undefined): string {
  if (database?.sizeInUse === undefined) return 'the rule holds of it';
  const { size, sizeInUse } = database;
  return `${describeBytes(size - sizeInUse)} of ${describeBytes(size)} are free in it`;
}
