import type { DesiredCluster } from '../desired/cluster.ts';
import { keepsTheirs } from '../facts/adopted.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { foundMembers, foundOf, withFound } from '../observed/found.ts';
import { observed, seenMembers, someoneAnswers } from '../observed/observed.ts';
import { remedy } from '../problem/remedy.ts';
import { type Boot, planBoot } from './boot.ts';
import {
  type CertificatePlan,
  planCertificates,
  type Renewal,
} from './certificates/certificates.ts';
import { clockRefusals } from './certificates/clocks.ts';
import { endsWithoutConsent } from './certificates/consent.ts';
import { hostKeyRefusals } from './certificates/host-key-refusals.ts';
import { trustedBy, trustToKeep } from './certificates/narrowed.ts';
import { foreignDirectories } from './consumers.ts';
import { downtime, secondVoter } from './downtime.ts';
import { keptDataGone } from './keeping/kept-data-gone.ts';
import { planKept } from './keeping/kept-member.ts';
import { keptRefusals } from './keeping/kept-refusals.ts';
import { withShared } from './leftovers.ts';
import { type MemberPlan, planMember } from './member.ts';
import { type Joining, joiningMembers, namedUntilJoined } from './membership/joining.ts';
import { type Leaving, leavingMembers, removalRefusals } from './membership/leaving.ts';
import { movedMachines } from './membership/moved-machines.ts';
import { notThisCluster } from './ownership/not-this-cluster.ts';
import type { Refusal } from './plan.ts';
import { readdressRefusals } from './readdressing/readdress-refusals.ts';
import { type Readdressed, readdressedMembers } from './readdressing/readdressed.ts';
import { changedSettings, exchangedHosts } from './refusing/changed-settings.ts';
import { FORMER_ALARM } from './refusing/corruption.ts';
import { nextStartRefusals, strangeAccounts } from './refusing/launch-refusals.ts';
import { objections } from './refusing/objections.ts';
import { quotaRefusals } from './refusing/quota-refusals.ts';
import { refusals } from './refusing/refusals.ts';
import { safely } from './refusing/situation.ts';
import { spaceRefusals, touchOf } from './refusing/space-refusals.ts';
import { stoppedBefore } from './refusing/stopped-before.ts';
import { otherVersions, versionRefusals } from './refusing/versions.ts';
import { type RestoreTrace, unfinishedRestores } from './restoring/unfinished-restore.ts';
import { touches } from './waves.ts';
import { withoutData } from './without-data.ts';

export interface DecisionOptions {
  /**
   * The token of a first start: random, so that no stale member can ever talk to the new cluster. Missing where no first start
   * is meant to come of it.
   */
  readonly freshToken?: string;
  /** Give up all data and start a new cluster. */
  readonly wipe?: boolean;
  /** Accept that a cluster of one or two members stands still while one restarts. */
  readonly allowDowntime?: boolean;
  /** Somebody agrees that trust in a CA ends which the store has given up, or is asked for that elsewhere. */
  readonly endsTrust?: boolean;
  /** What an unfinished restore left has been settled by the run that asks. */
  readonly besideRestore?: boolean;
  /** Members of the inventory that the cluster does not have are added. */
  readonly addsMembers?: boolean;
  /** Members that the inventory has at another address than the cluster are moved there. */
  readonly movesMembers?: boolean;
  readonly movesPlaces?: boolean;
  /** Members to be taken out of the cluster, by name or id. */
  readonly removes?: readonly string[];
  /** Alarms of members that have left are disarmed. */
  readonly disarms?: boolean;
  /** A later minor version is gone to, after checks of its own. */
  readonly upgrades?: boolean;
  /** The minor version before is gone back to, after checks of its own. */
  readonly downgrades?: boolean;
  /** Members that stay as they are, whose data does not matter: the others are a quorum. */
  readonly without?: readonly string[];
  /** Certificates to be reissued although they fit. */
  readonly renewal?: Renewal;
  /** Members to be restarted although nothing about them changes, with why. */
  readonly restart?: (member: string) => string | undefined;
}

/** What every member needs, and why nothing may be done: what several intents begin from. */
export interface Decision {
  readonly desired: DesiredCluster;
  readonly facts: ClusterFacts;
  /** The facts as they will be once what is given up is gone. */
  readonly seen: ClusterFacts;
  readonly wipe: boolean;
  readonly boot: Boot;
  readonly certificates: CertificatePlan;
  readonly members: readonly MemberPlan[];
  /** Those of them that the cluster does not have yet, or has without a vote, where they are to be added. */
  readonly joining: readonly Joining[];
  /** Members that are to be removed. */
  readonly leaving: readonly Leaving[];
  /** Members that are to be dialled elsewhere. */
  readonly readdressed: readonly Readdressed[];
  /** Whether any member answers: then there is a quorum to keep. */
  readonly alive: boolean;
  readonly refusals: readonly Refusal[];
}

/** What keeps a member of no use from starting, and nobody else: those that stay as they are are not held against `up`. */
const OF_LOST_DATA: ReadonlySet<string> = new Set([
  ...['cloned-member', 'data-gone', 'database-damaged', 'mixed-clusters'],
]);

/** Compares every member with what should be, and runs all rules about what must not be touched. */
export function decide(
  named: DesiredCluster,
  facts: ClusterFacts,
  options: DecisionOptions,
): Decision {
  const { freshToken = '', wipe = false } = options;
  const desired = withShared(named, facts);
  const seen = wipe ? withFound(facts, withoutData) : facts;
  const planned = wipe
    ? { token: freshToken, formed: false, refusals: [] }
    : planBoot(desired, seen, freshToken);
  const stays = (name: string) => options.without?.includes(name) === true;
  const boot = {
    ...planned,
    refusals: planned.refusals.filter(
      ({ kind, about }) => !OF_LOST_DATA.has(kind) || !about.every((name) => stays(name)),
    ),
  };
  const certificates = planCertificates(desired, facts, options.renewal);
  const leaving = leavingMembers(desired, seen, options.removes ?? []);
  const readdressed = options.movesMembers === true ? readdressedMembers(desired, seen) : [];
  const joining = options.addsMembers === true ? joiningMembers(desired, seen, leaving) : [];
  const touched = seenMembers(desired, seen).filter(({ name }) => !stays(name));
  const members = touched.map(({ desired: member, found }) => {
    const seenByIt = trustedBy(facts, member.name);
    const initialCluster = namedUntilJoined(desired, joining, member.name);
    const start = initialCluster === undefined ? boot : { ...boot, initialCluster };
    const wish = {
      reissued: certificates.reissued,
      trust: trustToKeep(facts, member.name),
      restart: options.restart?.(member.name),
    };
    const plan = planMember(desired, member, seenByIt, found, start, wish);
    return keepsTheirs(found) ? planKept(desired, member, facts, found, plan, wish) : plan;
  });
  const decided = {
    ...{ desired, facts, seen, wipe, boot, certificates, members },
    ...{ joining, leaving, readdressed },
    alive: someoneAnswers(seen),
  };
  return { ...decided, refusals: refusalsOf(named, decided, options) };
}

function refusalsOf(
  named: DesiredCluster,
  decided: Omit<Decision, 'refusals'>,
  options: DecisionOptions,
): readonly Refusal[] {
  const { desired, facts, seen, boot, certificates, members, alive } = decided;
  const { joining, leaving, readdressed } = decided;
  const moving = { joining, leaving, readdressed, movesPlaces: options.movesPlaces };
  const gone = keptDataGone(named, facts);
  if (gone.length > 0) return gone;
  const foreign = notThisCluster(named, facts);
  if (foreign.length > 0) return foreign;
  // What a restore has begun, it may still take back, with all that is done meanwhile.
  const begun = options.besideRestore === true ? [] : unfinishedRestores(named, tracesOf(facts));
  if (begun.length > 0) return begun;
  const kept = keptRefusals(desired, facts, certificates.reissued);
  if (kept.length > 0) return kept;
  // To changed settings everything else follows: files to ask with are looked for where they are not.
  const settings = options.wipe ? [] : changedSettings(desired, facts, moving);
  if (settings.length > 0) return settings;
  const moves = readdressRefusals(desired, seen, readdressed, joining);
  if (moves.length > 0) return moves;
  const removals = removalRefusals(desired, seen, options.removes ?? []);
  if (removals.length > 0) return removals;
  // Who gives up all data may begin again with other settings, but on the hosts that are meant.
  const objected = options.wipe
    ? [
        ...exchangedHosts(desired, facts),
        ...safely(
          desired,
          facts,
          movedMachines(desired, facts, observed(desired, facts).strangers),
        ),
        ...refusals(desired, seen),
      ]
    : objections(desired, seen, boot, moving).filter(
        ({ kind }) => kind !== FORMER_ALARM || options.disarms !== true,
      );
  return [
    ...objected,
    ...otherVersions(desired, seen, options),
    ...versionRefusals(desired, seen, (name) => isLaunched(options, members, name)),
    ...nextStartRefusals(desired, seen, (name) => isLaunched(options, members, name)),
    ...(objected.length > 0 ? [] : strangeAccounts(desired, seen)),
    ...(options.endsTrust === true ? [] : endsWithoutConsent(desired, facts)),
    ...hostKeyRefusals(desired, facts, certificates.reissued),
    ...foreignDirectories(desired, facts),
    ...spaceRefusals(desired, seen, touchOf(members, seen)),
    ...quotaRefusals(desired, seen),
    ...(certificates.reissued.size > 0 ? clockRefusals(desired, facts) : []),
    ...downtime(desired, seen, decided, options.allowDowntime === true),
    ...secondVoter(desired, seen, joining, options.allowDowntime === true),
    ...(alive && options.movesPlaces === true ? stoppedBefore(desired, seen) : []),
    ...(alive ? sickness(desired, seen, members, [...joining, ...readdressed]) : []),
  ];
}

function tracesOf({ members }: ClusterFacts): readonly RestoreTrace[] {
  return foundMembers({ members }).map(([member, { restoring, data }]) => ({
    ...{ member, intent: restoring },
    clusterId: data?.wal?.clusterId,
  }));
}

/**
 * Whether a member's next start counts: a rotation, which restarts nobody, is not held up by what it will be, nor is anything
 * by the start of a member that stays as it is.
 */
function isLaunched(
  { renewal, without = [] }: DecisionOptions,
  members: readonly MemberPlan[],
  name: string,
): boolean {
  if (without.includes(name)) return false;
  const member = members.find((one) => one.name === name);
  return renewal === undefined || !member?.running || member.restartBecause !== undefined;
}

/** Running members that could not be asked, for a run was stopped before it brought them the program that asks. */
export function unaskedMembers(
  facts: ClusterFacts,
  members: readonly MemberPlan[],
): readonly string[] {
  return members
    .filter(({ name, running, tools }) => {
      const found = foundOf(facts, name);
      const lacks = found?.binaries.has('etcdctl') === false && tools.length > 0;
      return running && lacks && found.etcd.healthy === false;
    })
    .map(({ name }) => name);
}

/** A member is only taken down while all others answer; one alone that does not may be changed itself, and is first. */
function sickness(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  members: readonly MemberPlan[],
  brought: readonly { readonly name: string }[],
): readonly Refusal[] {
  // Those that join, and those that move because they do not answer where they were, have turns of their own.
  const coming = new Set(brought.map(({ name }) => name));
  const risky = members.filter(
    (member) => member.running && touches(member) && !coming.has(member.name),
  );
  const unasked = new Set(unaskedMembers(facts, members));
  const sick = observed(cluster, facts).notAnswering.filter(
    ({ name, runs }) => runs && !unasked.has(name) && !coming.has(name),
  );
  const itself = sick.length === 1 && risky.some(({ name }) => name === sick[0]?.name);
  if (risky.length === 0 || itself) return [];
  return sick.map(({ name, complaint }) => ({
    kind: 'not-answering',
    about: [name],
    sentence: `${name}: does not answer a linearizable read (${complaint}); until it does, ${risky.map((member) => member.name).join(', ')} must not be changed`,
    next: [remedy`see why: journalctl -u ${cluster.unit} on ${name}`],
  }));
}
