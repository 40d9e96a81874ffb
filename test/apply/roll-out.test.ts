import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { rollOut } from '../../src/apply/roll-out.ts';
import { Failure } from '../../src/failure/failure.ts';
import { allWell } from '../../src/plan/gate.ts';
import { onHost } from '../../src/plan/lane.ts';
import { planOf } from '../../src/plan/make-plan.ts';
import type { Plan, Wave } from '../../src/plan/plan.ts';
import type { HostStep } from '../../src/plan/step.ts';
import { awaitReady } from '../../src/plan/step-words.ts';
import { wanted } from '../plan/facts.ts';
import { type Machines, machines } from './machine.ts';

const because = 'a test wants it';
const start: HostStep = { kind: 'start-unit', unit: 'etcd', because };
const restart: HostStep = { kind: 'restart-unit', unit: 'etcd', because };
const await_: HostStep = awaitReady(wanted(), because);
const stop: HostStep = { kind: 'stop-unit', unit: 'etcd', because };
const ALL = allWell(['etcd01', 'etcd02', 'etcd03']);

function wave(host: string, steps: readonly HostStep[], more: Partial<Wave> = {}): Wave {
  return { title: `change ${host}`, lanes: [onHost(host, steps)], gate: [], undo: [], ...more };
}

function walk(all: Machines, timeout: number, ...waves: readonly Wave[]) {
  // As it is read back from a file.
  const plan: Plan = JSON.parse(JSON.stringify(planOf(all.desired, waves)));
  return rollOut(plan, all.site(timeout), 'nothing');
}

test('rollOut() does the steps of a lane in order, and one wave after the other', async (t) => {
  const all = await machines(t);
  const timings = await walk(all, 5, wave('etcd02', [stop, start]), wave('etcd01', [stop]));
  t.deepEqual(await all.told(), [
    'etcd02 stop etcd.service',
    'etcd02 reset-failed --quiet etcd.service',
    'etcd02 start --no-block etcd.service',
    'etcd01 stop etcd.service',
  ]);
  t.deepEqual(
    timings.map(({ host, what }) => `${host}: ${what}`),
    ['etcd02: stop etcd.service', 'etcd02: start etcd.service', 'etcd01: stop etcd.service'],
  );
});

test('rollOut() tells right before each stop to which hosts something is still to be done', async (t) => {
  const all = await machines(t);
  const told: (readonly string[])[] = [];
  const waves = [
    wave('etcd02', [restart, await_]),
    wave('etcd01', [stop, start]),
    wave('etcd03', [restart, await_]),
  ];
  const means = {
    ...all.site(5),
    whileStopping: (ahead: readonly string[]) => told.push(ahead),
  };
  await rollOut(planOf(all.desired, waves), means, 'nothing');
  t.deepEqual(told, [['etcd02', 'etcd01', 'etcd03'], ['etcd03']]);
});

test('rollOut() stops at the first wave in which a lane fails, and names every host that failed', async (t) => {
  const all = await machines(t);
  const nowhere = join(all.directory, 'nowhere/link');
  const fail: HostStep = { kind: 'point-link', link: nowhere, target: 'x', because };
  const both = {
    ...wave('etcd01', []),
    title: 'link',
    lanes: [onHost('etcd01', [fail, stop]), onHost('etcd02', [fail])],
  };
  const error = await t.throwsAsync(walk(all, 5, both, wave('etcd03', [stop])));
  const [sentence, ...hosts] = error?.message.split('\n') ?? [];
  t.is(sentence, 'prod: "link" failed');
  t.deepEqual(hosts.map((line) => /^ {2}(etcd\d+): could not point/.exec(line)?.[1]).sort(), [
    'etcd01',
    'etcd02',
  ]);
  t.deepEqual(await all.told(), []);
});

test('rollOut() tells when a step has begun that changes the cluster, and of none that prepares or puts back', async (t) => {
  const all = await machines(t);
  const told: string[] = [];
  const walked = (...waves: readonly Wave[]) =>
    rollOut(
      planOf(all.desired, waves),
      { ...all.site(5), onChange: () => told.push('it') },
      'nothing',
    );
  const link = join(all.directory, 'link');
  await walked(wave('etcd01', [{ kind: 'point-link', link, target: 'x', because }]));
  t.deepEqual(told, []);
  const nowhere: HostStep = { ...{ kind: 'point-link', target: 'x', because }, link: '/no/where' };
  const back = { undo: [onHost('etcd01', [stop])] };
  await t.throwsAsync(walked(wave('etcd01', [nowhere], back)), { message: /failed/ });
  t.deepEqual(await all.told(), ['etcd01 stop etcd.service']);
  t.deepEqual(told, []);
  await walked(wave('etcd01', [stop]));
  t.deepEqual(told, ['it']);
});

test('rollOut() ends after the turn at which the brake says no, and asks at turns behind which there is more', async (t) => {
  const all = await machines(t);
  const turn = (number: number) => ({ turn: { number, of: 3 } });
  const waves = [
    wave('etcd03', [stop]),
    wave('etcd02', [stop], turn(1)),
    wave('etcd01', [stop], turn(2)),
    wave('etcd03', [start], turn(3)),
  ];
  const asked: unknown[] = [];
  const timings = await rollOut(
    planOf(all.desired, waves),
    all.site(5),
    'nothing',
    async (at, left) => {
      asked.push([at.title, left.map(({ title }) => title)]);
      return at.title === 'change etcd02';
    },
  );
  t.deepEqual(asked, [
    ['change etcd02', ['change etcd01', 'change etcd03']],
    ['change etcd01', ['change etcd03']],
  ]);
  t.deepEqual(
    timings.map(({ host }) => host),
    ['etcd03', 'etcd02', 'etcd01'],
  );
});

test('rollOut() passes a gate when all answer, and stops at one that stays shut', async (t) => {
  const all = await machines(t);
  await walk(all, 1, wave('etcd01', [stop], { gate: ALL }), wave('etcd02', [stop]));
  t.deepEqual(await all.told(), ['etcd01 stop etcd.service', 'etcd02 stop etcd.service']);
  await all.answers('etcd03', false);
  const error = await t.throwsAsync(
    walk(all, 1, wave('etcd01', [start], { gate: ALL }), wave('etcd02', [start])),
  );
  t.is(
    error?.message,
    'prod: "change etcd01" failed\n  prod: etcd03 does not answer a linearizable read (context deadline exceeded)',
  );
  t.false((await all.told()).includes('etcd02 start --no-block etcd.service'));
});

test('rollOut() does not begin a wave when a member stopped answering after the plan was made', async (t) => {
  const all = await machines(t);
  await all.answers('etcd03', false);
  const error = await t.throwsAsync(
    walk(
      all,
      1,
      wave('etcd01', [restart], {
        before: allWell(['etcd02', 'etcd03']),
        undo: [onHost('etcd01', [restart])],
      }),
    ),
  );
  t.regex(
    error?.message ?? '',
    /^prod: "change etcd01" was not begun\n {2}prod: etcd03 does not answer/,
  );
  t.deepEqual(await all.told(), []);
});

const putBack = test.macro(async (t, damage: (all: Machines) => Promise<void>) => {
  const all = await machines(t);
  await damage(all);
  await all.states('etcd02', 'failed 0');
  const change = wave('etcd02', [restart, await_], {
    gate: ALL,
    undo: [onHost('etcd02', [start])],
  });
  const error = await t.throwsAsync(walk(all, 1, change, wave('etcd01', [restart])));
  t.regex(error?.message ?? '', /etcd02: etcd\.service failed to start/);
  t.regex(error?.message ?? '', /\n {2}etcd02 was put back as before, and all members answer$/);
  t.deepEqual(await all.told(), [
    'etcd02 stop etcd.service',
    'etcd02 reset-failed --quiet etcd.service',
    'etcd02 start etcd.service',
    'etcd02 reset-failed --quiet etcd.service',
    'etcd02 start --no-block etcd.service',
  ]);
});

test('rollOut() puts back what does not become ready', putBack, async () => undefined);

test('rollOut() puts it back also where nobody can say why', putBack, async ({ directory }) => {
  const store = join(directory, 'prod.pki');
  await mkdir(store, { mode: 0o700 });
  await writeFile(join(store, 'ca.crt'), 'no certificate');
});

test('rollOut() restarts nobody a second time while another member does not answer', async (t) => {
  const all = await machines(t);
  await all.answers('etcd03', false);
  const change = wave('etcd02', [stop], { gate: ALL, undo: [onHost('etcd02', [start])] });
  const error = await t.throwsAsync(walk(all, 1, change));
  t.regex(
    error?.message ?? '',
    /\n {2}etcd02 was left as it is: while etcd03 does not answer, another restart could cost the quorum$/,
  );
  t.deepEqual(await all.told(), ['etcd02 stop etcd.service']);
});

test('rollOut() puts nothing back once the point of no return is passed, and puts back before it', async (t) => {
  const all = await machines(t);
  await all.answers('etcd02', false);
  const change = (steps: readonly HostStep[]) =>
    wave('etcd02', steps, {
      gate: ALL,
      undo: [onHost('etcd02', [start])],
      pointOfNoReturn: 'restart-unit',
    });
  const past = await t.throwsAsync(walk(all, 1, change([restart])));
  t.is(
    past?.message.split('\n').at(-1),
    '  nothing was put back: there is no way back after "restart etcd.service"',
  );
  const told = await all.told();
  t.is(told.filter((line) => line === 'etcd02 start etcd.service').length, 1);

  const nowhere = join(all.directory, 'nowhere/link');
  const fail: HostStep = { kind: 'point-link', link: nowhere, target: 'x', because };
  await all.answersOnceStarted('etcd02');
  const before = await t.throwsAsync(walk(all, 1, change([stop, fail, restart])));
  t.is(
    before?.message.split('\n').at(-1),
    '  etcd02 was put back as before, and all members answer',
  );
});

const FIVE = allWell(['etcd01', 'etcd02', 'etcd03', 'etcd04', 'etcd05']);

test('rollOut() does not restart a member that answers back for another that does not', async (t) => {
  const all = await machines(t, 5);
  await all.answers('etcd05', false);
  const change = wave('etcd02', [restart, await_], {
    gate: FIVE,
    undo: [onHost('etcd02', [restart, await_])],
  });
  const error = await t.throwsAsync(walk(all, 1, change));
  t.is(
    error?.message.split('\n').at(-1),
    '  etcd02 was left as it is: it answers, and only etcd05 does not',
  );
  t.deepEqual(await all.told(), [
    'etcd02 stop etcd.service',
    'etcd02 reset-failed --quiet etcd.service',
    'etcd02 start etcd.service',
  ]);
});

test('rollOut() puts back what does not answer, and names who else does not answer', async (t) => {
  const all = await machines(t, 5);
  await all.answers('etcd05', false);
  await all.answersOnceStarted('etcd02');
  const change = wave('etcd02', [stop], { gate: FIVE, undo: [onHost('etcd02', [start])] });
  const error = await t.throwsAsync(walk(all, 1, change));
  t.is(
    error?.message.split('\n').at(-1),
    '  etcd02 was put back as before and answers; etcd05 does not answer',
  );
});

test('rollOut() gives the others little time once one lane has failed', async (t) => {
  const all = await machines(t);
  await all.states('etcd01', 'failed 0');
  await all.states('etcd02', 'activating 0');
  const together: Wave = {
    title: 'start all',
    lanes: [onHost('etcd01', [await_]), onHost('etcd02', [await_])],
    gate: [],
    undo: [],
  };
  const began = Date.now();
  const error = await t.throwsAsync(walk(all, 100, together));
  t.regex(error?.message ?? '', /etcd01: etcd\.service failed to start/);
  // Patience is ten seconds, the timeout a hundred: what is told apart here is not how fast the machine is.
  t.true(Date.now() - began < 60_000);
});

test('moveAside() keeps what was there under a name with the time, and takes nothing for done', async (t) => {
  const all = await machines(t, 1);
  const data = join(all.directory, 'data');
  await mkdir(join(data, 'member'), { recursive: true });
  const aside: HostStep = { kind: 'move-aside', path: data, because };
  await walk(all, 5, wave('etcd01', [aside]));
  t.false(existsSync(data));
  await walk(all, 5, wave('etcd01', [aside]));
  t.false(existsSync(data));
});

test('rollOut() says for each host on which a step failed what failed there', async (t) => {
  const all = await machines(t);
  await all.states('etcd02', 'failed 0');
  const error = await t.throwsAsync(walk(all, 1, wave('etcd02', [restart, await_])), {
    instanceOf: Failure,
  });
  t.is(error?.problem.sentence, 'prod: "change etcd02" failed');
  t.deepEqual([...(error?.hosts.keys() ?? [])], ['etcd02']);
  t.regex(error?.hosts.get('etcd02') ?? '', /^etcd02: etcd\.service failed to start/);
});
