import type { DesiredCluster } from '../../desired/cluster.ts';
import {
  type ScheduleFile,
  type SchedulePlaces,
  scheduleFiles,
  schedulePlaces,
} from '../../desired/schedule.ts';
import { loadScheduleTemplates } from '../../desired/templates.ts';
import type { Host } from '../../host/host.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { scheduleTimer } from '../../run/schedule-timer.ts';
import { askLack, needsUser, withUser } from '../../snapshot/needs-user.ts';
import type { ArgumentsOf } from '../command.ts';
import { calendarEvery } from '../options/every.ts';
import type { snapshotScheduleOptions } from './options.ts';
import { retentionOf } from './prune.ts';

type ScheduleArguments = ArgumentsOf<typeof snapshotScheduleOptions>;

const DEFAULT_RETENTION = { last: 10, daily: 7, withinSeconds: 0 } as const;

/** Has the members take snapshots by themselves, the leader each time; or ends that. */
export async function snapshotSchedule(args: ScheduleArguments): Promise<void> {
  const calendar = calendarEvery(args.every, '15m, 30m, 1h, 2h, 4h, 6h, 12h, 1d or 1w');
  const retention = retentionFor(args);
  await scheduleTimer(
    { ...args, command: 'snapshot-schedule', words: wordsOf(args) },
    {
      placesOf: schedulePlaces,
      filesOf: (desired) => filesOf(desired, { calendar, retention }),
      refuse: ({ desired, hosts }) => refuseWithoutUser(desired, hosts),
      told: (desired) => told(args, desired.name, calendar, schedulePlaces(desired)),
    },
  );
}

/** As it was typed, for what is typed in its place. */
function wordsOf({ remove, every, keepLast, keepDaily, keepWithin }: ScheduleArguments) {
  const words = ['snapshot', 'schedule'];
  if (remove) return [...words, '--remove'];
  const keep = { '--keep-last': keepLast, '--keep-daily': keepDaily, '--keep-within': keepWithin };
  const kept = Object.entries(keep).flatMap(([option, value]) =>
    value === undefined ? [] : [option, String(value)],
  );
  return [...words, '--every', every, ...kept];
}

async function filesOf(
  desired: DesiredCluster,
  order: Parameters<typeof scheduleFiles>[3],
): Promise<Readonly<Record<string, readonly ScheduleFile[]>>> {
  const templates = await loadScheduleTemplates();
  const places = schedulePlaces(desired);
  return Object.fromEntries(
    desired.members.map(({ name }) => [
      name,
      scheduleFiles(desired, name, places, order, templates),
    ]),
  );
}

function told(
  { remove, json, every }: ScheduleArguments,
  cluster: string,
  calendar: string,
  { directory }: SchedulePlaces,
): string {
  if (json) return JSON.stringify({ cluster, scheduled: !remove, calendar, directory });
  return remove
    ? `${cluster}: no snapshots are scheduled; those taken stay in ${directory}`
    : `${cluster}: a snapshot every ${every} (${calendar}), by the leader of that moment, into ${directory} there; status shows failures`;
}

/** A schedule that etcd's authentication denies every time is not begun. */
async function refuseWithoutUser(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const lacks = await Promise.all([...hosts.values()].map((host) => askLack(desired, host)));
  const lack = lacks.find((one) => one !== undefined);
  if (lack === undefined) return;
  const live = provision('migrate', INVENTORY, '--to', 'https', '--via', 'live', '--no-snapshot');
  throw needsUser({
    ...{ cluster: desired.name, version: desired.version, lack },
    what: 'every snapshot of the schedule would fail; nothing was changed',
    instead:
      lack === 'name'
        ? [
            withUser(
              lack,
              desired.version,
              remedy`go over to https, where a certificate names it: ${live}`,
            ),
          ]
        : [],
  });
}

function retentionFor(args: ScheduleArguments) {
  const { keepLast, keepDaily, keepWithin } = args;
  if ([keepLast, keepDaily, keepWithin].every((one) => one === undefined)) return DEFAULT_RETENTION;
  const { last = 0, daily = 0, withinHours = 0 } = retentionOf(args);
  return { last, daily, withinSeconds: withinHours * 3600 };
}
