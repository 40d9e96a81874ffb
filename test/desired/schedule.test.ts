import test from 'ava';
import { scheduledPlaces, scheduleFiles, schedulePlaces } from '../../src/desired/schedule.ts';
import { loadScheduleTemplates } from '../../src/desired/templates.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { stepsOf } from '../../src/plan/lane.ts';
import { but, settled, UP, wanted, written } from '../plan/facts.ts';

const templates = await loadScheduleTemplates();
const when = {
  calendar: '*-*-* 03:00:00 UTC',
  retention: { last: 3, daily: 7, withinSeconds: 0 },
};

/** The script of a member as a schedule writes it. */
function scriptOf(cluster: ReturnType<typeof wanted>, member: string): string {
  const places = schedulePlaces(cluster);
  const files = scheduleFiles(cluster, member, places, when, templates);
  return files.find(({ path }) => path === places.script)?.content ?? '';
}

const three = wanted();
const moved = wanted(3, { etcd: { version: '3.5.30', ports: { peer: 12380 } } });

test('scheduledPlaces(): what a schedule of today would write, and nothing else of it', (t) => {
  for (const { name } of three.members) {
    t.is(scheduledPlaces(moved, name, scriptOf(three, name)), scriptOf(moved, name));
    t.is(scheduledPlaces(three, name, scriptOf(three, name)), scriptOf(three, name));
  }
});

test('scheduledPlaces(): a script of before a switch of the protocol looks it up, and stays', (t) => {
  const plain = wanted(3, { protocol: 'http' });
  t.is(scheduledPlaces(three, 'etcd02', scriptOf(plain, 'etcd02')), scriptOf(plain, 'etcd02'));
  t.is(scheduledPlaces(three, 'etcd02', 'echo another script\n'), 'echo another script\n');
});

test('up has the schedule of a member name where the members are, and then has nothing to do', (t) => {
  const path = three.paths.script;
  const having = (script: string, cluster: string) =>
    but(settled(three), 'etcd02', ({ places }) => ({
      script: { ...written(script), mode: 0o755 },
      places: new Map([
        ...places,
        [path, { kind: 'file', header: { cluster, member: 'etcd02' } } as const],
      ]),
    }));
  const steps = (script: string, cluster = 'prod') =>
    planCluster(three, having(script, cluster), UP).waves.flatMap(({ lanes }) => stepsOf(lanes));
  const [step, ...more] = steps(scriptOf(moved, 'etcd02'));
  t.deepEqual(more, []);
  t.deepEqual(step?.kind === 'write-files' && step.files.map(({ file }) => file.content), [
    scriptOf(three, 'etcd02'),
  ]);
  t.deepEqual(steps(scriptOf(three, 'etcd02')), []);
});
