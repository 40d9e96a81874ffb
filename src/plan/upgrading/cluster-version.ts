import { ownPlaces } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { changesMinor, minorBefore } from '../../etcd/upgrade-path.ts';
import { minorOf, rowOrLast } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundMembers } from '../../observed/found.ts';
import { allWell } from '../gate.ts';
import { onHost } from '../lane.ts';
import type { Wave } from '../plan.ts';
import { runningVersion } from '../refusing/versions.ts';
import type { QuietStep } from '../step.ts';
import { quietWave, tentative } from '../unnoticed.ts';
import { namesOf } from '../waves.ts';
import { downgradeUnderWay, newestOfAll } from './under-way.ts';
import { runningVersions } from './upgrade-path-of.ts';

/** How a running cluster is told which minor version it is at: by a member that has a program for that. */
export interface ClusterVersionWaves {
  /** It goes down to a minor version, and back where that fails. */
  readonly lower: (to: string, because: string) => Wave;
  /** It takes up the version of its members again. */
  readonly raise: (title: string, because: string) => Wave;
  readonly cancel: QuietStep;
}

const NOT_DOWN = 'no program of an earlier version is to run';

/** These waves, asked of one of `limit` where that can be; undefined where no member runs. */
export function clusterVersionWaves(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  limit?: readonly string[],
): ClusterVersionWaves | undefined {
  const running = foundMembers(facts).flatMap(([name, found]) => {
    const version = runningVersion(found);
    return version === undefined ? [] : [{ name, found, version }];
  });
  const newest = newestOfAll(running.map(({ version }) => version));
  const able = running.filter(({ version }) => version === newest);
  const asked = able.find(({ name }) => limit?.includes(name) ?? true) ?? able[0];
  if (asked === undefined) return undefined;
  const own = besideProcess(desired, asked.found);
  const members = namesOf(desired);
  const cancel = (because: string) => ({ kind: 'cancel-downgrade', own, because }) as const;
  // Beside members of another version it stays where it is, until they are changed.
  const isWhole = running.every(({ version }) => !changesMinor(version, asked.version));
  const at = (version: string) =>
    isWhole ? [{ kind: 'cluster-at', members, version: minorOf(version) } as const] : [];
  return {
    lower: (to, because) =>
      tentative(
        `have the cluster go down to ${to}`,
        onHost(asked.name, [{ kind: 'enable-downgrade', own, to, because }]),
        onHost(asked.name, [cancel(NOT_DOWN)]),
        { among: members, gate: at(to) },
      ),
    raise: (title, because) =>
      quietWave(
        title,
        [onHost(asked.name, [cancel(because)])],
        [...allWell(members), ...at(asked.version)],
      ),
    cancel: cancel(NOT_DOWN),
  };
}

/** A cluster that was told to go down and is not to. */
export function cancelWaves(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  limit?: readonly string[],
): readonly Wave[] {
  if (downgradeUnderWay(facts) === undefined) return [];
  const waves = clusterVersionWaves(desired, facts, limit);
  return waves === undefined ? [] : [waves.raise('cancel the downgrade', NOT_DOWN)];
}

/**
 * Members up to 3.5 write requests of the v2 API to the log at each start, and 3.7 ends at its start where it reads one
 * (tried with 3.7.1). A member that takes the layout of its database back takes a snapshot, behind which its log begins
 * (etcdserver, ForceSnapshot): without a restart there is no other way to have one. Only root may where users are asked for.
 */
export function beginNewLogs(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  limit?: readonly string[],
): readonly Wave[] {
  const back = minorBefore(newestOfAll(runningVersions(facts)) ?? desired.version);
  if (!mayEndOnLog(desired, facts) || asksForUser(facts)) return [];
  const waves = clusterVersionWaves(desired, facts, limit);
  if (back === undefined || waves === undefined) return [];
  const because = `each member takes a snapshot then, and etcd ${desired.version} reads no log that ${back.minor} has written`;
  return [
    waves.lower(back.minor, because),
    waves.raise('have the cluster come up again', 'all members have their snapshot'),
  ];
}

/** What a person should know where users are asked for: nobody here may have members take that snapshot. */
export function logNotes(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly string[] {
  if (!mayEndOnLog(desired, facts) || !asksForUser(facts)) return [];
  return [
    `etcd ${desired.version} ends at its start where its log still holds what members wrote before their last upgrade, and only root may have members begin new logs, for authentication is on. A member that does not come up gets its old program again; then switch authentication off for the upgrade`,
  ];
}

/** Whether any member asks for a user: then only root may have the cluster go down (etcdserver/api/v3rpc, authMaintenanceServer). */
export function asksForUser(facts: Pick<ClusterFacts, 'members'>): boolean {
  return foundMembers(facts).some(([, { etcd }]) => etcd.asksForUser === true);
}

/** Whether all members are still to go to a version that ends at requests of the v2 API in its log. */
function mayEndOnLog(
  { version }: Pick<DesiredCluster, 'version'>,
  facts: Pick<ClusterFacts, 'members'>,
): boolean {
  const isOver = runningVersions(facts).some((one) => rowOrLast(one).endsOnV2Log === true);
  return rowOrLast(version).endsOnV2Log === true && !isOver;
}

/** The etcdctl beside the program that runs: the link may lead to another version already. */
function besideProcess(desired: DesiredCluster, { unit }: MemberFacts) {
  const own = ownPlaces(desired);
  const executable = unit.process?.executable.replace(/ \(deleted\)$/, '');
  if (executable === undefined) return own;
  const directory = executable.slice(0, executable.lastIndexOf('/'));
  return { ...own, paths: { ...own.paths, binaries: directory, current: directory } };
}
