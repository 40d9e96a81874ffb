import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { canGoBack, changesMinor, minorBefore, upgradePath } from '../../etcd/upgrade-path.ts';
import { isOlder, minorOf, newestOf } from '../../etcd/versions.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { allFound, foundMembers } from '../../observed/found.ts';
import { observed, seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import type { Refusal } from '../plan.ts';
import { wayBack } from '../upgrading/way-back.ts';

/** The version of the process: what it says itself, else what its own file says. */
export function runningVersion({
  unit,
  etcd,
  program,
}: Pick<MemberFacts, 'unit' | 'etcd' | 'program'>): string | undefined {
  return unit.pid === 0 ? undefined : (etcd.status?.version ?? program.running);
}

/** The version that has its data: the one that runs, or that ran last as far as the unit's program tells. */
export function lastVersion(
  found: Pick<MemberFacts, 'unit' | 'etcd' | 'program'>,
): string | undefined {
  return runningVersion(found) ?? found.program.loaded?.version;
}

/**
 * Why this version must not take the place of the one that runs: one minor version at a time, with checks of its own
 * (etcd-facts §6), and never an older one.
 */
export function otherVersions(
  { version, paths, unit }: Pick<DesiredCluster, 'version' | 'paths' | 'unit'>,
  facts: Pick<ClusterFacts, 'members'>,
  {
    upgrades = false,
    downgrades = false,
    without = [],
  }: { upgrades?: boolean; downgrades?: boolean; without?: readonly string[] },
): readonly Refusal[] {
  const members = foundMembers(facts).filter(([name]) => !without.includes(name));
  const isBegun = members.some(([, found]) => {
    const running = runningVersion(found);
    return running !== undefined && !changesMinor(running, version);
  });
  return members.flatMap(([name, found]) => {
    const running = runningVersion(found);
    if (running === undefined) return isUnknown(paths, found) ? [versionUnknown(name)] : [];
    if (running === version) return [];
    const isUp = isOlder(running, version);
    const isMinor = changesMinor(running, version);
    if (isUp && (upgrades || !isMinor)) return [];
    if (downgrades && isMinor) return [];
    const goesDown = members.some(([, { etcd }]) => etcd.status?.downgradeTo !== undefined);
    if (isBegun && (isUp || (isMinor && goesDown && canGoBack(running, version))))
      return [
        {
          kind: 'minor-changed',
          about: [name],
          sentence: `${name}: runs etcd ${running} beside members of ${version}: ${goesDown ? 'a downgrade' : 'an upgrade'} is half done`,
          next: [remedy`finish it first: ${provision('up', INVENTORY)}`],
        },
      ];
    const what = isMinor ? 'a change of minor version' : 'a downgrade';
    const isForUp = isMinor && (isUp || (canGoBack(running, version) && !isBegun));
    return [
      {
        kind: 'minor-changed',
        about: [name],
        sentence: `${name}: runs etcd ${running}; going to ${version} is ${what}, which ${isForUp ? 'only up does' : 'up does not do'}`,
        next: [
          remedy`set etcd.version to ${running} or a later ${minorOf(running)}.x`,
          ...(isMinor && !isUp && !isForUp && !isBegun ? firstStepDown(running) : []),
          ...wayBack(
            { version, paths, unit },
            members.map(([one, of]) => ({ name: one, version: runningVersion(of) })),
          ),
        ],
      },
    ];
  });
}

/** To which versions a cluster does go back from this one. */
function firstStepDown(running: string): Next {
  const back = minorBefore(running);
  if (back === undefined) return [];
  const { minor, goesOnFrom = 0 } = back;
  return [
    remedy`etcd ${minorOf(running)} goes back to ${minor}.${goesOnFrom} or a later ${minor}.x, one minor version at a time: set etcd.version to ${newestOf(minor)}`,
  ];
}

/** Whether a process may be of another version than the program that would take its place. */
function isUnknown({ binaries }: DesiredCluster['paths'], { unit }: MemberFacts): boolean {
  return unit.process !== undefined && !unit.process.executable.startsWith(`${binaries}/`);
}

function versionUnknown(name: string): Refusal {
  return {
    kind: 'version-unknown',
    about: [name],
    sentence: `${name}: neither its etcd nor its program says which version runs, so no other one may take its place`,
    next: [remedy`see why, then run the same command again: ${provision('doctor', INVENTORY)}`],
  };
}

/** A program of ours that is not what its directory is called. */
export interface WrongProgram {
  readonly path: string;
  readonly version: string;
}

/** The program that the unit starts next, where `up` brought it for this version and another one lies in its place. */
export function wrongProgram(
  { version, paths }: Pick<DesiredCluster, 'version' | 'paths'>,
  found: Pick<MemberFacts, 'unit' | 'etcd' | 'program' | 'current'>,
): WrongProgram | undefined {
  if (paths.current === paths.binaries || found.current !== paths.binaries) return undefined;
  const { installed } = found.program;
  if (installed?.version === undefined || installed.version === version) return undefined;
  // Then it is what runs, which is more than a file in the wrong place.
  if (runningVersion(found) === installed.version) return undefined;
  return { path: installed.path, version: installed.version };
}

/**
 * Why no start or restart may be planned: process, program file and inventory are three versions, and all three have to be
 * understood before one takes the place of another. A change of minor version goes through the whole cluster and is never a
 * by-product (etcd-facts §6).
 */
export function versionRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  isLaunched: (name: string) => boolean = () => true,
): readonly Refusal[] {
  return seenMembers(cluster, facts).flatMap(({ desired: member, found }) => {
    if (!isLaunched(member.name)) return [];
    const file = refuseFile(cluster, member, facts, found);
    return file.length > 0 || isPutRight(cluster, facts, found)
      ? file
      : refuseLastRun(cluster, member, facts, found);
  });
}

function refuseFile(
  cluster: DesiredCluster,
  { name }: DesiredMember,
  { binaries }: ClusterFacts,
  found: MemberFacts,
): readonly Refusal[] {
  const { version, paths } = cluster;
  const wanted = binaries.find((binary) => binary.name === 'etcd');
  // What is uploaded is run on the host before it takes its place; one that nobody may run is brought again.
  const there = found.binaries.get('etcd');
  const isRunnable = there !== undefined && (there.mode & 0o111) === 0o111;
  if (wanted !== undefined && (there?.sha256 !== wanted.sha256 || !isRunnable)) return [];
  // A check that has not fetched the programs does not know what will be brought.
  const isInstalled = paths.current === paths.binaries;
  if (wanted === undefined && !isInstalled) return [];
  const { installed } = found.program;
  const running = runningVersion(found);
  if (running !== undefined && changesMinor(running, version)) return [];
  if (installed === undefined) {
    if (!isInstalled) return [];
    return [
      {
        kind: 'no-program',
        about: [name],
        sentence: `${name}: there is no etcd in ${paths.binaries}, where etcd.source says it is installed`,
        next: [remedy`install etcd ${version} there, or correct etcd.source`],
      },
    ];
  }
  if (installed.complaint !== undefined)
    return [
      {
        kind: 'program-does-not-run',
        about: [name],
        sentence: `${name}: ${installed.path} does not run there: ${installed.complaint}`,
        next:
          wanted === undefined
            ? [
                remedy`install an etcd ${version} on ${name} that runs there; see for yourself: ${quote(installed.path)} --version`,
              ]
            : [
                remedy`give etcd.source programs that run on ${name}; see for yourself: ${installed.path} --version`,
              ],
      },
    ];
  if (installed.version === undefined || installed.version === version) return [];
  const now = running === undefined ? 'does not run' : `runs etcd ${running}`;
  return [
    {
      kind: 'program-of-another-version',
      about: [name],
      sentence: `${name}: ${now}, ${installed.path} is ${installed.version}, and the inventory says ${version}: the next start would run a version that nobody has asked for`,
      next: remediesForOtherVersion(
        cluster,
        name,
        installed.version,
        running,
        wanted !== undefined,
      ),
    },
  ];
}

function remediesForOtherVersion(
  { version, paths }: DesiredCluster,
  name: string,
  file: string,
  running: string | undefined,
  isBrought: boolean,
): Next {
  if (isBrought)
    return [
      remedy`give etcd.source the programs of etcd ${version}, or set etcd.version to what they are`,
    ];
  if (file === running)
    return [
      remedy`put etcd ${version} into ${paths.binaries} on ${name}, or set etcd.version to ${file}`,
    ];
  const back = `put etcd ${running ?? version} back into ${paths.binaries} on ${name}`;
  const isPatch = !changesMinor(file, running ?? version) && !isOlder(file, running ?? version);
  return isPatch
    ? [
        remedy`if ${file} is meant, install it on all members and set etcd.version to ${file}: that is a rolling restart; if not, ${back}`,
      ]
    : [
        remedy`${back}: up does not ${isOlder(file, running ?? version) ? 'go back to an older version' : 'change the minor version'}`,
      ];
}

/**
 * Whether a stopped member starts with what it ran last as soon as the program has been brought again: the link says that
 * `up` had brought it this version. A newer one may have run there and changed its data, unless another member still serves
 * with this version.
 */
function isPutRight(cluster: DesiredCluster, facts: ClusterFacts, found: MemberFacts): boolean {
  const wrong = wrongProgram(cluster, found);
  if (wrong === undefined) return false;
  return isOlder(wrong.version, cluster.version) || isServedBySame(cluster, facts);
}

/** Whether a member serves with this version: then the cluster is at no later one, and has changed nobody's data. */
function isServedBySame(cluster: DesiredCluster, facts: ClusterFacts): boolean {
  return observed(cluster, facts).answers.some(
    (one) => one.found?.etcd.status?.version === cluster.version,
  );
}

/**
 * Whether another member has gone on to this version, running or about to start with it, by a way that leads from the last
 * one of this member at once.
 */
function followsOthers({ version }: DesiredCluster, facts: ClusterFacts, last: string): boolean {
  const isReached = allFound(facts).some(
    (found) => found.data?.used === true && lastVersion(found) === version,
  );
  return isReached && upgradePath(last, version).length === 1;
}

/** A stopped member has the data of the version that ran last, which another minor version would change for good. */
function refuseLastRun(
  cluster: DesiredCluster,
  { name }: DesiredMember,
  facts: ClusterFacts,
  { unit, data, program: { loaded } }: MemberFacts,
): readonly Refusal[] {
  const { version } = cluster;
  const last = loaded?.version;
  if (unit.pid > 0 || data?.used !== true || last === undefined) return [];
  const isMinor = changesMinor(last, version);
  if (!isMinor && !isOlder(version, last)) return [];
  if (followsOthers(cluster, facts, last)) return [];
  if (isOlder(version, last) && isServedBySame(cluster, facts)) return [];
  if (isOlder(last, version) && someoneAnswers(facts))
    return [
      {
        kind: 'stopped-before-upgrade',
        about: [name],
        sentence: `${name}: does not run, and an upgrade from ${last} to ${version} begins when all members do`,
        next: [
          remedy`start it with what it has: set etcd.version back to ${last}, with its programs in etcd.source, then: ${provision('up', INVENTORY)}; upgrade when all members answer`,
        ],
      },
    ];
  return [
    {
      kind: 'older-program',
      about: [name],
      sentence: `${name}: does not run; ${loaded?.path} is etcd ${last}, and the inventory says ${version}: started like that, its data would ${isMinor ? 'change its minor version' : 'go back to an older version'}, which up does not do`,
      next: [remedy`set etcd.version to ${last} or a later ${minorOf(last)}.x`],
    },
  ];
}
