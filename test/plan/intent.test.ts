import test from 'ava';
import { schedulePlaces } from '../../src/desired/schedule.ts';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planRotationOf } from '../../src/plan/certificates/rotate-one.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { planDown } from '../../src/plan/down.ts';
import { type Intent, planFor } from '../../src/plan/intent.ts';
import { laneName } from '../../src/plan/lane.ts';
import { planSchedule, planUnschedule } from '../../src/plan/schedule.ts';
import { planSwitch } from '../../src/plan/switching/switch.ts';
import { butAll, FRESH, settled, stopped, wanted, written } from './facts.ts';
import { outline } from './outline.ts';
import { switching } from './switching.ts';

/** What of a type JSON would not bring back, as deep as six levels. */
type NoData<T, Depth extends readonly 0[] = [0, 0, 0, 0, 0, 0]> = Depth extends readonly [
  0,
  ...infer Left extends readonly 0[],
]
  ? T extends
      | ((...args: never) => unknown)
      | ReadonlyMap<unknown, unknown>
      | ReadonlySet<unknown>
      | Date
    ? T
    : T extends readonly (infer One)[]
      ? NoData<One, Left>
      : T extends object
        ? { [Key in keyof T]-?: NoData<T[Key], Left> }[keyof T]
        : never
  : never;

const three = wanted();
const whole = settled(three);
const down = butAll(whole, stopped);

test('Intent has data only: no parameter of any is a function, a map, a set or a date', (t) => {
  // The compiler judges; a value of another type than true would not stand here.
  const isData: [NoData<Intent>] extends [never] ? true : NoData<Intent> = true;
  t.true(isData);
});

test('planFor() converges: what is as it should be needs nothing, what is stopped is started', (t) => {
  const intent: Intent<'converge'> = {
    ...{ kind: 'converge', freshToken: FRESH, wipe: false, allowDowntime: false },
  };
  t.deepEqual(planFor(three, whole, intent).waves, []);
  t.deepEqual(planFor(three, down, intent), planCluster(three, down, intent));
});

test('planFor() rotates the leaves of all, or of the one that is named', (t) => {
  const all: Intent<'rotate-leaves'> = {
    ...{ kind: 'rotate-leaves', member: undefined, name: undefined, withinDays: undefined },
    ...{ restart: false, allowDowntime: false },
  };
  const one = { ...all, member: 'etcd02' };
  t.deepEqual(planFor(three, whole, all), planRotation(three, whole, all));
  t.deepEqual(planFor(three, whole, one), planRotationOf('etcd02', three, whole, one));
  const hosts = planFor(three, whole, one).waves.flatMap(({ lanes }) => lanes.map(laneName));
  t.deepEqual([...new Set(hosts)], ['here', 'etcd02']);
});

test('planFor() switches by the states between the two protocols', (t) => {
  const { desired, before } = switching('https');
  const intent: Intent<'switch'> = {
    ...{ kind: 'switch', finish: false, advertise: false, allowDowntime: false },
  };
  t.deepEqual(planFor(desired, before, intent), planSwitch(desired, before, intent));
});

test('planFor() cuts clients off only where the other protocol is spoken', (t) => {
  const { before } = switching('https');
  const former = switching('http').desired.target;
  const cutOff = (to: 'http' | 'https') =>
    planFor({ served: former, fenced: former }, before, { kind: 'cut-off', to });
  t.deepEqual(cutOff('http'), { cluster: 'prod', waves: [], refusals: [] });
  t.deepEqual(
    cutOff('https'),
    planCluster(former, before, {
      ...{ freshToken: '', wipe: false, allowDowntime: true, besideRestore: true },
    }),
  );
});

test('planFor() schedules snapshots where files are given, and ends the schedule where none are', (t) => {
  const places = schedulePlaces(three);
  const file = { ...written('of ours'), mode: 0o644 };
  const found = new Map(
    three.members.map(({ name }) => [
      name,
      {
        ...{ script: file, serviceFile: file, timerFile: file, newest: undefined },
        ...{ timerActive: true, timerEnabled: true, lastResult: undefined, complaint: undefined },
      },
    ]),
  );
  const script = { path: places.script, mode: 0o755, content: 'a script' };
  const files = Object.fromEntries(three.members.map(({ name }) => [name, [script]]));
  t.deepEqual(
    planFor(three, found, { kind: 'schedule', places, files }),
    planSchedule(three, places, files, found),
  );
  const ended = planFor(three, found, { kind: 'schedule', places, files: undefined });
  t.deepEqual(ended, planUnschedule(three, places, found));
  t.deepEqual(
    outline(ended).map((line) => line.trim().split(' ')[0]),
    ['end', 'etcd01', 'remove-timer'],
  );
});

test('planFor() takes a cluster down, with or without what it has on its hosts', (t) => {
  for (const purge of [false, true])
    t.deepEqual(planFor(three, whole, { kind: 'down', purge }), planDown(three, whole, purge));
});
