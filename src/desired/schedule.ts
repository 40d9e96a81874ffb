import { snapshotTool } from '../etcd/versions.ts';
import type { DesiredCluster } from './cluster.ts';
import { ownership } from './snapshot-owner.ts';
import type { ScheduleTemplates } from './templates.ts';
import { timersOf } from './unit-timers.ts';

/** Which scheduled snapshots stay on a host: those that any of the rules keeps. */
export interface HostRetention {
  readonly last: number;
  readonly daily: number;
  readonly withinSeconds: number;
}

/** Where the parts of a timer are, on every member alike. */
export interface TimerPlaces {
  readonly purpose: 'snapshots' | 'maintenance';
  readonly script: string;
  /** Unit names with their endings. */
  readonly service: string;
  readonly timer: string;
  readonly serviceFile: string;
  readonly timerFile: string;
}

/** The same of scheduled snapshots. */
export interface SchedulePlaces extends TimerPlaces {
  /** Where snapshots go. */
  readonly directory: string;
}

/** A file of the schedule on one member. */
export interface ScheduleFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** Where a cluster's schedule is. */
export function schedulePlaces({
  unit,
  paths,
}: Pick<DesiredCluster, 'unit' | 'paths'>): SchedulePlaces {
  const service = `${unit}-snapshot.service`;
  const timer = timersOf(unit).snapshots;
  return {
    purpose: 'snapshots',
    script: paths.script,
    service,
    timer,
    serviceFile: `/etc/systemd/system/${service}`,
    timerFile: `/etc/systemd/system/${timer}`,
    directory: paths.snapshots,
  };
}

/** A member's peer URL, then those of the others. */
function peersFrom(
  { members }: Pick<DesiredCluster, 'members'>,
  member: string,
): readonly string[] {
  const own = members.filter(({ name }) => name === member);
  const others = members.filter(({ name }) => name !== member);
  return [...own, ...others].map(({ peerUrl }) => peerUrl);
}

/** Where a member serves clients, where its own configuration may be that of somebody else. */
export function ownUrl(
  { keepsLayout, members }: Pick<DesiredCluster, 'keepsLayout' | 'members'>,
  member: string,
): string | undefined {
  return keepsLayout && members.find(({ name }) => name === member)?.clientUrl;
}

const PEERS = /^( *"peers": )(\[.*\])(,?)$/m;

/** The script that takes snapshots on a member, with the members where they are now; as it is where it names none. */
export function scheduledPlaces(
  cluster: Pick<DesiredCluster, 'members'>,
  member: string,
  script: string,
): string {
  const [, , former] = PEERS.exec(script) ?? [];
  if (former === undefined) return script;
  const is = ownership(JSON.parse(former));
  const wanted = ownership(peersFrom(cluster, member));
  // Under which protocol is no question: the script looks that up.
  if (is.places === wanted.places) return script;
  return script
    .replace(PEERS, (_, key: string, __, end: string) => `${key}${wanted.peers}${end}`)
    .replace(`grep -qF${is.places} `, () => `grep -qF${wanted.places} `)
    .replaceAll(`.taking-${is.mark}-`, () => `.taking-${wanted.mark}-`);
}

/** The files a member has for snapshots at the times of `calendar` (systemd.time(7), UTC). */
export function scheduleFiles(
  cluster: DesiredCluster,
  member: string,
  places: SchedulePlaces,
  when: { readonly calendar: string; readonly retention: HostRetention },
  templates: ScheduleTemplates,
): readonly ScheduleFile[] {
  const { name, unit, paths, version } = cluster;
  const values = {
    peers: peersFrom(cluster, member),
    ...{ cluster: name, member, unit, script: places.script, directory: places.directory },
    ...{ programs: paths.current, tool: snapshotTool(version) },
    ...{ confFile: paths.confFile, pki: paths.pki, ownUrl: ownUrl(cluster, member) },
    ...when.retention,
  };
  return [
    { path: places.script, mode: 0o755, content: templates.script(values) },
    { path: places.serviceFile, mode: 0o644, content: templates.service(values) },
    { path: places.timerFile, mode: 0o644, content: templates.timer(values, when.calendar) },
  ];
}
