import { calendarOf } from '../../desired/calendar.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import {
  type ScheduleFile,
  type SchedulePlaces,
  scheduleFiles,
  schedulePlaces,
} from '../../desired/schedule.ts';
import { loadScheduleTemplates } from '../../desired/templates.ts';
import { askSchedule, type ScheduleFact } from '../../facts/data/schedule.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { describePlan } from '../../plan/describe.ts';
import { planFor } from '../../plan/intent.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { seconds } from '../../report/duration.ts';
import { agreed } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { refuseMisdescribed } from '../../run/refuse-foreign.ts';
import { askLack, needsUser, withUser } from '../../snapshot/needs-user.ts';
import type { ArgumentsOf } from '../command.ts';
import type { snapshotScheduleOptions } from './options.ts';
import { retentionOf } from './prune.ts';

type ScheduleArguments = ArgumentsOf<typeof snapshotScheduleOptions>;

const DEFAULT_RETENTION = { last: 10, daily: 7, withinSeconds: 0 } as const;

/** Has the members take snapshots by themselves, the leader each time; or ends that. */
export async function snapshotSchedule(args: ScheduleArguments): Promise<void> {
  const calendar = calendarOf(seconds(args.every, '--every'));
  if (calendar === undefined) {
    throw new Failure('usage', `--every ${args.every} does not fit evenly into a day`, {
      next: [remedy`choose one such as 15m, 30m, 1h, 2h, 4h, 6h, 12h, 1d or 1w`],
    });
  }
  const rules = retentionFor(args);
  await withOperation({ ...args, command: 'snapshot-schedule' }, async (operation) => {
    const { desired, stop } = operation;
    const places = schedulePlaces(desired);
    const order = { calendar, retention: rules };
    const files = args.remove ? undefined : await filesOf(desired, places, order);
    await converge(operation, args, {
      look: () => look(operation, places, args),
      plan: (found) => planFor(desired, found, { kind: 'schedule', places, files }),
      show: (plan) => {
        if (!args.json) console.log(describePlan(plan));
      },
      confirm: async ({ cluster }) => {
        if (!args.yes) await agreed(`Do this to ${cluster}?`, stop);
      },
      act: async (plan) => {
        // Loading what acts takes a tenth of a second; a run with nothing to do is spared it.
        const { executePlan } = await import('../../run/execute-plan.ts');
        return executePlan(operation, plan, args);
      },
      // systemd has said of each timer whether it runs.
      prove: async () => told(args, desired.name, calendar, places),
    });
  });
}

/** What each host has of the schedule. Throws a Failure where it is not the inventory's, or would fail every time. */
async function look(
  operation: Operation,
  places: SchedulePlaces,
  args: ScheduleArguments,
): Promise<ReadonlyMap<string, ScheduleFact>> {
  const { desired, hosts } = operation;
  const asked = [...hosts].map(
    async ([name, host]) => [name, await askSchedule(host, places)] as const,
  );
  const [found] = await Promise.all([
    Promise.all(asked),
    refuseMisdescribed(operation, args),
    ...(args.remove ? [] : [refuseWithoutUser(desired, hosts)]),
  ]);
  return new Map(found);
}

async function filesOf(
  desired: DesiredCluster,
  places: SchedulePlaces,
  order: Parameters<typeof scheduleFiles>[3],
): Promise<ReadonlyMap<string, readonly ScheduleFile[]>> {
  const templates = await loadScheduleTemplates();
  return new Map(
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
