import { Failure } from '../../failure/failure.ts';
import { planFor } from '../../plan/intent.ts';
import { alarmProblems } from '../../plan/maintaining/alarms.ts';
import { databasesOf } from '../../plan/maintaining/database.ts';
import { problemData } from '../../problem/render.ts';
import { alarmsText } from '../../report/housekeeping-text.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { withSession } from '../../run/session.ts';
import type { ArgumentsOf } from '../command.ts';
import { keepHouse } from './keep-house.ts';
import type { maintainAlarmsOptions } from './options.ts';

type AlarmArguments = ArgumentsOf<typeof maintainAlarmsOptions>;

/** Shows the alarms that stand by member, or disarms NOSPACE where there is space again. */
export async function maintainAlarms(args: AlarmArguments): Promise<void> {
  if (!args.disarm) return show(args);
  await keepHouse(args, {
    command: 'maintain-alarms',
    plan: ({ desired }, facts) => planFor(desired, facts, { kind: 'disarm' }),
    provesWrite: true,
  });
}

async function show(args: AlarmArguments): Promise<void> {
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    const { desired } = session;
    const facts = await lookWithoutPrograms(session);
    const alarms = alarmProblems(desired, facts);
    const databases = databasesOf(desired, facts);
    console.log(
      args.json
        ? JSON.stringify({
            cluster: desired.name,
            alarms: alarms.map((one) => problemData(one, args.inventory)),
            databases,
          })
        : alarmsText(desired.name, alarms, databases, args.inventory),
    );
    const [first] = alarms;
    if (first === undefined) return;
    const count = `${alarms.length} alarm${alarms.length === 1 ? ' stands' : 's stand'}`;
    throw new Failure('failed', `${desired.name}: ${count}`, { next: first.next });
  });
}
