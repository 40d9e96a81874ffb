import { snapshotTool } from '../etcd/versions.ts';
import type { DesiredCluster } from './cluster.ts';
import type { ScheduleTemplates } from './templates.ts';

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
  const timer = `${unit}-snapshot.timer`;
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

/** The files a member has for snapshots at the times of `calendar` (systemd.time(7), UTC). */
export function scheduleFiles(
  cluster: DesiredCluster,
  member: string,
  places: SchedulePlaces,
  when: { readonly calendar: string; readonly retention: HostRetention },
  templates: ScheduleTemplates,
): readonly ScheduleFile[] {
  const { name, unit, paths, version } = cluster;
  const own = cluster.members.filter((one) => one.name === member);
  const others = cluster.members.filter((one) => one.name !== member);
  const values = {
    peers: [...own, ...others].map(({ peerUrl }) => peerUrl),
    ...{ cluster: name, member, unit, script: places.script, directory: places.directory },
    ...{ programs: paths.current, tool: snapshotTool(version) },
    ...{ confFile: paths.confFile, pki: paths.pki },
    ...when.retention,
  };
  return [
    { path: places.script, mode: 0o755, content: templates.script(values) },
    { path: places.serviceFile, mode: 0o644, content: templates.service(values) },
    { path: places.timerFile, mode: 0o644, content: templates.timer(values, when.calendar) },
  ];
}
