import type { DesiredCluster } from './cluster.ts';
import { ownUrl, type ScheduleFile, type TimerPlaces } from './schedule.ts';
import type { MaintenanceTemplates } from './templates.ts';
import { timersOf } from './unit-timers.ts';

/** Where a cluster's housekeeping by a timer is, on every member alike. */
export function maintenancePlaces({
  unit,
  paths,
}: Pick<DesiredCluster, 'unit' | 'paths'>): TimerPlaces {
  const service = `${unit}-maintain.service`;
  const timer = timersOf(unit).maintenance;
  return {
    purpose: 'maintenance',
    script: `${paths.conf}/maintain.sh`,
    service,
    timer,
    serviceFile: `/etc/systemd/system/${service}`,
    timerFile: `/etc/systemd/system/${timer}`,
  };
}

/** The files a member has for housekeeping at the times of `calendar`; `rule` is what awk says of who is worth it. */
export function maintenanceFiles(
  cluster: DesiredCluster,
  member: string,
  places: TimerPlaces,
  when: {
    readonly calendar: string;
    readonly rule: string;
    readonly quota: number;
    /** Where runs of this program lock a host. */
    readonly lockDirectory: string;
  },
  templates: MaintenanceTemplates,
): readonly ScheduleFile[] {
  const { name, unit, paths } = cluster;
  const values = {
    ...{ cluster: name, member, unit, script: places.script, ownUrl: ownUrl(cluster, member) },
    ...{ programs: paths.current, data: paths.data, confFile: paths.confFile, pki: paths.pki },
    ...{ quota: when.quota, lockDirectory: when.lockDirectory },
  };
  return [
    { path: places.script, mode: 0o755, content: templates.script(values, when.rule) },
    { path: places.serviceFile, mode: 0o644, content: templates.service(values) },
    { path: places.timerFile, mode: 0o644, content: templates.timer(values, when.calendar) },
  ];
}
