import type { DesiredCluster } from '../../desired/cluster.ts';
import { maintenanceFiles, maintenancePlaces } from '../../desired/maintenance-schedule.ts';
import { loadMaintenanceTemplates } from '../../desired/templates.ts';
import { backendQuota } from '../../etcd/backend-quota.ts';
import { rowOrLast } from '../../etcd/versions.ts';
import { Failure } from '../../failure/failure.ts';
import { LOCK_DIRECTORY } from '../../host/host-lock.ts';
import { awkOf, namesIn, type Rule } from '../../plan/maintaining/rule.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { scheduleTimer } from '../../run/schedule-timer.ts';
import type { ArgumentsOf } from '../command.ts';
import { calendarEvery } from '../options/every.ts';
import type { maintainScheduleOptions } from './options.ts';
import { refuseWithoutUser } from './refuse-without-user.ts';
import { ruleOf, whenWords } from './rule.ts';

type ScheduleArguments = ArgumentsOf<typeof maintainScheduleOptions>;

/** A quota that no database reaches, where there is none. */
const NO_QUOTA = 2 ** 53;

/** Has members defragment by themselves at set times, one at a time across the cluster; or ends that. */
export async function maintainSchedule(args: ScheduleArguments): Promise<void> {
  const rule = ruleOf(args.when);
  const calendar = calendarEvery(args.every, '6h, 12h, 1d or 1w');
  await scheduleTimer(
    { ...args, command: 'maintain-schedule', words: wordsOf(args) },
    {
      placesOf: maintenancePlaces,
      filesOf: (desired) => filesOf(desired, calendar, rule),
      refuse: async (operation) => {
        refuseUnjudged(operation.desired, rule);
        await refuseWithoutUser(operation);
      },
      told: ({ name }) => told(args, name, calendar),
    },
  );
}

/** As it was typed, for what is typed in its place. */
function wordsOf({ remove, every, when }: ScheduleArguments): readonly string[] {
  const words = ['maintain', 'schedule'];
  return remove ? [...words, '--remove'] : [...words, '--every', every, ...whenWords(when)];
}

async function filesOf(desired: DesiredCluster, calendar: string, rule: Rule) {
  const templates = await loadMaintenanceTemplates();
  const places = maintenancePlaces(desired);
  return Object.fromEntries(
    desired.members.map((member) => {
      const start = { token: '', state: 'existing', crl: true, peerCrl: true } as const;
      const quota = backendQuota(member.environment(start));
      const when = {
        ...{ calendar, rule: awkOf(rule), lockDirectory: LOCK_DIRECTORY },
        quota: Number.isFinite(quota) ? quota : NO_QUOTA,
      };
      return [
        member.name,
        maintenanceFiles(desired, member.name, places, when, templates),
      ] as const;
    }),
  );
}

/** A rule that members of this version cannot be judged by would never hold. */
function refuseUnjudged({ name, version }: DesiredCluster, rule: Rule): void {
  const names = namesIn(rule);
  if (rowOrLast(version).hasLearners || !(names.has('sizeInUse') || names.has('free'))) return;
  throw new Failure(
    'refused',
    `${name}: etcd ${version} does not say how much of a database is in use, so the rule could never be judged`,
    {
      next: [
        remedy`go by the size alone: ${provision('maintain', 'schedule', INVENTORY, '--when', 'size > 100MB')}`,
      ],
    },
  );
}

function told({ remove, json, every, when }: ScheduleArguments, cluster: string, calendar: string) {
  if (json) return JSON.stringify({ cluster, scheduled: !remove, calendar, when });
  return remove
    ? `${cluster}: no housekeeping is scheduled`
    : `${cluster}: every ${every} (${calendar}) members defragment by themselves where ${when}, one at a time, the leader last`;
}
