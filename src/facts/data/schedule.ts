import type { SchedulePlaces, TimerPlaces } from '../../desired/schedule.ts';
import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import { askAll, type Fact, properties } from '../fact.ts';
import { type FileFact, fileFact } from '../host/file.ts';
import { syncJournal } from '../host/journal.ts';

/** What a host shows of something that a timer runs. */
export interface TimerFact {
  readonly script: FileFact | undefined;
  readonly serviceFile: FileFact | undefined;
  readonly timerFile: FileFact | undefined;
  readonly timerActive: boolean;
  readonly timerEnabled: boolean;
  /** systemd's own word for how the last run ended: success, exit-code, …; undefined before the first. */
  readonly lastResult: string | undefined;
  /** What the last failed run said at its end. */
  readonly complaint: string | undefined;
}

/** The same of scheduled snapshots. */
export interface ScheduleFact extends TimerFact {
  /** When the newest snapshot there was taken, by its name. */
  readonly newest: Date | undefined;
}

/** Asks a host about its scheduled snapshots, in one round trip. */
export async function askSchedule(host: Host, places: SchedulePlaces): Promise<ScheduleFact> {
  const { state, ...rest } = await askAll(host, {
    ...partsOf(places),
    newest: newestFact(places.directory),
  });
  return { ...rest, ...state };
}

/** Asks a host about something that a timer runs, in one round trip. */
export async function askTimer(host: Host, places: TimerPlaces): Promise<TimerFact> {
  const { state, ...files } = await askAll(host, partsOf(places));
  return { ...files, ...state };
}

function partsOf(places: TimerPlaces) {
  return {
    script: fileFact(places.script),
    serviceFile: fileFact(places.serviceFile),
    timerFile: fileFact(places.timerFile),
    state: stateFact(places),
  };
}

type State = Omit<TimerFact, 'script' | 'serviceFile' | 'timerFile'>;

const stateFact = ({ service, timer }: TimerPlaces): Fact<State> => ({
  ask: sh`systemctl show ${timer} --property=ActiveState,UnitFileState
result=$(systemctl show ${service} --property=Result --value)
ran=$(systemctl show ${service} --property=ExecMainExitTimestampMonotonic --value)
[ "$ran" -gt 0 ] || [ "$result" != success ] && echo "result=$result"
[ "$result" = success ] || { ${syncJournal}; echo "complaint=$(journalctl --unit=${service} --lines=20 --output=cat | grep -v -e '^${service}:' -e '^Failed to start' | tail -n 1)"; }`,
  read({ stdout }) {
    const found = properties(stdout);
    return {
      timerActive: found.get('ActiveState') === 'active',
      timerEnabled: found.get('UnitFileState') === 'enabled',
      lastResult: found.get('result'),
      complaint: found.get('complaint') || undefined,
    };
  },
});

const newestFact = (directory: string): Fact<Date | undefined> => ({
  ask: sh`ls ${directory} | grep -e 'Z[.]db$' | sort | tail -n 1`,
  read: ({ stdout }) => timeIn(stdout.trim()),
});

function timeIn(name: string): Date | undefined {
  const parts = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/.exec(name);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
