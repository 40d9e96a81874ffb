import type { DesiredCluster } from '../desired/cluster.ts';
import type { DesiredSwitch } from '../desired/dual-protocol.ts';
import type { ScheduleFile, TimerPlaces } from '../desired/schedule.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { RestoreFact } from '../facts/data/restore.ts';
import type { TimerFact } from '../facts/data/schedule.ts';
import { planRevocation, type RevocationOptions } from './certificates/revoke.ts';
import { planRotation, type RotationOptions } from './certificates/rotate.ts';
import { planCaRotation } from './certificates/rotate-ca.ts';
import { widenAgain } from './certificates/rotate-ca-abort.ts';
import type { CaRotationOptions } from './certificates/rotate-ca-options.ts';
import { planRotationOf } from './certificates/rotate-one.ts';
import { planPeerCa } from './certificates/rotate-peer-ca.ts';
import type { PeerCaOptions } from './certificates/rotate-peer-ca-refusals.ts';
import { type PlanOptions, planCluster } from './cluster.ts';
import { planDown } from './down.ts';
import { type GiveBackOptions, planGiveBack } from './give-back.ts';
import { keptFrom } from './keeping/kept-intents.ts';
import { type CompactOptions, planCompaction } from './maintaining/compact.ts';
import { type DefragmentOptions, planDefragmentation } from './maintaining/defragment.ts';
import { planDisarm } from './maintaining/disarm.ts';
import { type FreeSpaceOptions, planFreeSpace } from './maintaining/free-space.ts';
import { ofListed } from './maintaining/listed.ts';
import { refusedPlan } from './make-plan.ts';
import { type MoveLeaderOptions, planMoveLeader } from './membership/move-leader.ts';
import { type PromotionOptions, planPromotion } from './membership/promote.ts';
import { planRemoveStranger, type RemoveStrangerOptions } from './membership/remove-stranger.ts';
import { planReplace, type ReplacementOptions } from './membership/replace.ts';
import type { Plan } from './plan.ts';
import type { Bootable, RebootOptions } from './rebooting/bootable.ts';
import { planReboot } from './rebooting/reboot.ts';
import type { UnfinishedRestore } from './restoring/half-restored.ts';
import { type OpenFormerOptions, planOpenFormer } from './restoring/open-former.ts';
import {
  type PutBackOptions,
  planPutBack,
  planStartRestored,
  planStopRestored,
} from './restoring/put-back.ts';
import { planRestore } from './restoring/restore.ts';
import type { RestoreOptions } from './restoring/restore-options.ts';
import { planSchedule, planUnschedule } from './schedule.ts';
import { type CutOffOptions, type DesiredCutOff, planCutOff } from './switching/cut-off.ts';
import { planSwitch } from './switching/switch.ts';
import type { SwitchOptions } from './switching/switch-stages.ts';

/**
 * Everything a person can want of a cluster that changes it: what is seen and what should be, from which it is decided, and
 * its own parameters, which are data: an intent can be printed and compared.
 */
interface Intents {
  /** The hosts match the inventory; members join and leave by it. */
  readonly converge: Row<ClusterFacts, PlanOptions>;
  /** A new member in the place of one that is lost. */
  readonly 'replace-member': Row<ClusterFacts, ReplacementOptions>;
  /** Hosts of members have booted again, one after another. */
  readonly reboot: Row<Bootable, RebootOptions>;
  /** Leadership is with a named member, or with another one. */
  readonly 'move-leader': Row<ClusterFacts, MoveLeaderOptions>;
  /** A learner has its vote. */
  readonly 'promote-member': Row<ClusterFacts, PromotionOptions>;
  /** A member that the inventory does not name is not in etcd's list. */
  readonly 'remove-stranger': Row<ClusterFacts, RemoveStrangerOptions>;
  /** New leaves, of all or of one. */
  readonly 'rotate-leaves': Row<ClusterFacts, RotationOptions>;
  /** Another CA, on to the end of trust in the old one or back to it. */
  readonly 'rotate-ca': Row<ClusterFacts, CaRotationOptions>;
  /** Another CA for peers, or one of their own. */
  readonly 'rotate-peer-ca': Row<ClusterFacts, PeerCaOptions>;
  /** Every member refuses a certificate. */
  readonly revoke: Row<ClusterFacts, RevocationOptions>;
  /** The other protocol while the cluster serves. */
  readonly switch: Row<ClusterFacts, SwitchOptions, DesiredSwitch>;
  /** Nobody writes any more, so that the last state can be restored with the other protocol. */
  readonly 'cut-off': Row<ClusterFacts, CutOffOptions, DesiredCutOff>;
  /** A new cluster from a snapshot. */
  readonly restore: Row<Restorable, RestoreOptions>;
  /** The cluster from before a restore that is not over. */
  readonly 'undo-restore': Row<Half, PutBackOptions>;
  /** Members that run on restored data stand still, so that it can be seen what they acknowledged. */
  readonly 'stop-restored': Row<Half, object>;
  /** They run again: they turned out to hold what nobody else has. */
  readonly 'start-restored': Row<Half, object>;
  /** Members that clients were cut off from serve them again. */
  readonly 'open-former': Row<ClusterFacts, OpenFormerOptions>;
  /** Members whose trust was narrowed trust both CAs again: somebody was rejected. */
  readonly 'widen-trust': Row<ClusterFacts, object>;
  /** Members take snapshots or keep house by themselves, or do so no more. */
  readonly schedule: Row<ReadonlyMap<string, TimerFact>, ScheduleOptions>;
  /** Members' databases are rewritten, where that gains enough. */
  readonly defragment: Row<ClusterFacts, DefragmentOptions>;
  /** The cluster forgets its history. */
  readonly compact: Row<ClusterFacts, CompactOptions>;
  /** NOSPACE does not stand any more, where there is space. */
  readonly disarm: Row<ClusterFacts, object>;
  /** A cluster that is full takes writes again. */
  readonly 'free-space': Row<ClusterFacts, FreeSpaceOptions>;
  /** Members that were taken over from somebody else run as they did before. */
  readonly 'give-back': Row<ClusterFacts, GiveBackOptions>;
  /** No member runs; with `purge` nothing of the cluster is left. */
  readonly down: Row<Pick<ClusterFacts, 'members'>, { readonly purge: boolean }>;
}

/** How far a restore has come on the hosts that can be asked. */
type Half = ReadonlyMap<string, UnfinishedRestore>;

interface Row<Seen, Options, Desired = DesiredCluster> {
  readonly seen: Seen;
  readonly options: Options;
  /** What should be, where that is not the cluster alone. */
  readonly desired: Desired;
}

export interface Restorable {
  readonly facts: ClusterFacts;
  /** How far a restore has come on each host. */
  readonly found: ReadonlyMap<string, RestoreFact>;
}

export interface ScheduleOptions {
  readonly places: TimerPlaces;
  /** What each member is to have; undefined ends the schedule. */
  readonly files: Readonly<Record<string, readonly ScheduleFile[]>> | undefined;
  /** Members that are done without, for now. */
  readonly away?: readonly string[] | undefined;
}

type Kind = keyof Intents;

/** What a person wants. */
export type Intent<K extends Kind = Kind> = {
  readonly [P in K]: { readonly kind: P } & Intents[P]['options'];
}[K];

/** What an intent is decided from. */
export type SeenFor<K extends Kind> = Intents[K]['seen'];

/** What should be, as an intent is decided from it. */
export type DesiredFor<K extends Kind> = Intents[K]['desired'];

type Planner<K extends Kind> = (
  desired: DesiredFor<K>,
  seen: SeenFor<K>,
  intent: Intent<K>,
) => Plan;

const PLANNERS: { readonly [K in Kind]: Planner<K> } = {
  converge: planCluster,
  'replace-member': planReplace,
  reboot: planReboot,
  'move-leader': planMoveLeader,
  'promote-member': planPromotion,
  'remove-stranger': planRemoveStranger,
  'rotate-leaves': (desired, facts, intent) =>
    intent.member === undefined
      ? planRotation(desired, facts, intent)
      : planRotationOf(intent.member, desired, facts, intent),
  'rotate-ca': planCaRotation,
  'rotate-peer-ca': planPeerCa,
  revoke: planRevocation,
  switch: planSwitch,
  'cut-off': planCutOff,
  restore: (desired, { facts, found }, intent) => planRestore(desired, facts, found, intent),
  'undo-restore': planPutBack,
  'stop-restored': planStopRestored,
  'start-restored': planStartRestored,
  'open-former': planOpenFormer,
  'widen-trust': widenAgain,
  schedule: (desired, found, { places, files, away }) =>
    files === undefined
      ? planUnschedule(desired, places, found, away)
      : planSchedule(desired, places, files, found, away),
  defragment: ofListed(planDefragmentation),
  compact: ofListed(planCompaction),
  disarm: ofListed(planDisarm),
  'free-space': ofListed(planFreeSpace),
  'give-back': planGiveBack,
  down: (desired, facts, { purge }) => planDown(desired, facts, purge),
};

/** Decides what an intent comes to, from what should be and what is: each has a planner of its own. */
export function planFor<K extends Kind>(
  desired: DesiredFor<K>,
  seen: SeenFor<K>,
  intent: Intent<K>,
): Plan {
  const planner: Planner<K> = PLANNERS[intent.kind];
  const refused = keptFrom(intent, membersIn(seen));
  return refused.length > 0
    ? refusedPlan(clusterIn(desired), refused)
    : planner(desired, seen, intent);
}

function clusterIn(desired: DesiredFor<Kind>): Pick<DesiredCluster, 'name'> {
  if ('target' in desired) return desired.target;
  return 'served' in desired ? desired.served : desired;
}

/** The members that were looked at, where an intent is decided from them. */
function membersIn(seen: SeenFor<Kind>): Pick<ClusterFacts, 'members'> | undefined {
  if ('members' in seen) return seen;
  return 'facts' in seen ? seen.facts : undefined;
}
