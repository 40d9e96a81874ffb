import { calendarOf } from '../../desired/calendar.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { scheduleFiles, schedulePlaces } from '../../desired/schedule.ts';
import { loadScheduleTemplates } from '../../desired/templates.ts';
import { askSchedule } from '../../facts/schedule.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { describePlan } from '../../plan/describe.ts';
import { planSchedule, planUnschedule } from '../../plan/schedule.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { seconds } from '../../report/duration.ts';
import { agreed } from '../../run/ask.ts';
import { changeOf } from '../../run/change.ts';
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
    const { desired, hosts, stop } = operation;
    const places = schedulePlaces(desired);
    const look = async () =>
      new Map(
        await Promise.all(
          [...hosts].map(async ([name, host]) => [name, await askSchedule(host, places)] as const),
        ),
      );
    const [found] = await operation.observe(() =>
      Promise.all([
        look(),
        refuseMisdescribed(operation, args),
        ...(args.remove ? [] : [refuseWithoutUser(desired, hosts)]),
      ]),
    );
    const templates = await loadScheduleTemplates();
    const files = new Map(
      desired.members.map(({ name }) => [
        name,
        scheduleFiles(desired, name, places, { calendar, retention: rules }, templates),
      ]),
    );
    const plan = args.remove
      ? planUnschedule(desired, places, found)
      : planSchedule(desired, places, files, found);
    if (!args.json) console.log(describePlan(plan));
    if (plan.waves.length > 0) {
      if (!args.yes) await agreed(`Do this to ${desired.name}?`, stop);
      await act(operation, plan, args);
    }
    const { directory } = places;
    console.log(
      args.json
        ? JSON.stringify({ cluster: desired.name, scheduled: !args.remove, calendar, directory })
        : args.remove
          ? `${desired.name}: no snapshots are scheduled; those taken stay in ${directory}`
          : `${desired.name}: a snapshot every ${args.every} (${calendar}), by the leader of that moment, into ${directory} there; status shows failures`,
    );
  });
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

async function act(
  operation: Operation,
  plan: ReturnType<typeof planSchedule>,
  args: ScheduleArguments,
): Promise<void> {
  const [{ rollOut }, { keyring }, { showFor }, { diagnosing }] = await Promise.all([
    import('../../apply/roll-out.ts'),
    import('../../pki/keyring.ts'),
    import('../../run/execute-plan.ts'),
    import('../../diagnosis/diagnosed.ts'),
  ]);
  const { file, desired, hosts, store, stop } = operation;
  const now = new Date();
  const diagnose = diagnosing({ desired, hosts, store }, file);
  const means = { hosts, store, stop, now, keyring: keyring(now), timeout: 60, diagnose };
  await operation.change(changeOf(plan), () => rollOut(plan, means, showFor(args)));
}

function retentionFor(args: ScheduleArguments) {
  const { keepLast, keepDaily, keepWithin } = args;
  if ([keepLast, keepDaily, keepWithin].every((one) => one === undefined)) return DEFAULT_RETENTION;
  const { last = 0, daily = 0, withinHours = 0 } = retentionOf(args);
  return { last, daily, withinSeconds: withinHours * 3600 };
}
