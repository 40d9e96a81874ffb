import type { ExecutionContext } from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';

/** What systemd logs of a unit, by the ids of its messages (systemd/sd-messages.h). */
const EVENTS: Readonly<Record<string, Happened['what']>> = {
  '7d4958e842da4a758f6c1cdc7b36dcc5': 'starts',
  '39f53479d3a045ac8e11786248231fbf': 'is ready',
  de5b426a63be47a7b6ac3eaac82e2f6f: 'stops',
  '98e322203f7a4ed290d09fe03c09fe15': 'exited',
};

/** Something that systemd did to a unit, or saw of it; milliseconds since 1970. */
export interface Happened {
  readonly at: number;
  readonly what: 'starts' | 'is ready' | 'stops' | 'exited';
}

/** How long one member served nobody: from its stop until etcd said that it is ready; until for ever where it never did. */
export interface Downtime {
  readonly member: string;
  readonly from: number;
  readonly to: number;
}

/** When each of these members was down since a moment, as the journals of their hosts, which have one clock, tell it. */
export async function downtimes(
  hosts: readonly LabHost[],
  since: number,
  unit = 'etcd',
): Promise<readonly Downtime[]> {
  const all = await Promise.all(
    hosts.map(async (host) => {
      const { stdout, stderr, exitCode } = await inside(
        host,
        sh`journalctl --quiet --no-pager --output=json --output-fields=MESSAGE_ID _PID=1 UNIT=${unit}.service`,
      );
      if (exitCode !== 0) throw new Error(`${host.name}: ${stderr}`);
      const happened = stdout.split('\n').flatMap(readEvent);
      return downtimesOf(
        host.name,
        happened.filter(({ at }) => at >= since),
      );
    }),
  );
  return all.flat();
}

/** The times one member was down, from what happened to its unit. */
export function downtimesOf(member: string, happened: readonly Happened[]): readonly Downtime[] {
  const found: Downtime[] = [];
  let from: number | undefined;
  for (const { at, what } of happened) {
    if (what !== 'is ready') from ??= at;
    else if (from !== undefined) {
      found.push({ member, from, to: at });
      from = undefined;
    }
  }
  return from === undefined ? found : [...found, { member, from, to: Number.POSITIVE_INFINITY }];
}

/** Each two that were down at the same moment. */
export function together(all: readonly Downtime[]): readonly string[] {
  return all.flatMap((one, at) =>
    all
      .slice(at + 1)
      .filter(({ member, from, to }) => member !== one.member && from < one.to && one.from < to)
      .map((other) => `${told(one)}, ${told(other)}`),
  );
}

/** Never more than one of these members was down at once since a moment; at least so many times one was. */
export async function oneAtATime(
  t: ExecutionContext,
  hosts: readonly LabHost[],
  since: number,
  atLeast = hosts.length,
): Promise<void> {
  const all = await downtimes(hosts, since);
  t.deepEqual(together(all), []);
  t.true(all.length >= atLeast, `${all.length} downtimes: ${all.map(told).join(', ')}`);
}

function told({ member, from, to }: Downtime): string {
  const end = Number.isFinite(to) ? new Date(to).toISOString() : 'the end';
  return `${member} from ${new Date(from).toISOString()} to ${end}`;
}

function readEvent(line: string): readonly Happened[] {
  if (line === '') return [];
  const { MESSAGE_ID, __REALTIME_TIMESTAMP } = JSON.parse(line);
  const what = EVENTS[MESSAGE_ID];
  return what === undefined ? [] : [{ at: Number(__REALTIME_TIMESTAMP) / 1000, what }];
}
