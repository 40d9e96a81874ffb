import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { awaitGates, refuseLearner } from '../../../src/apply/gates/await-gates.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { allWell, type Gate } from '../../../src/plan/gate.ts';
import { nextText } from '../../../src/problem/render.ts';
import { notAnswering } from '../../plan/facts.ts';
import { etcdFacts } from '../etcd-facts.ts';
import { machines } from '../machine.ts';

const NEVER = new AbortController().signal;

test('refuseLearner() does not wait for what a learner never answers, nor ends a wait for others', (t) => {
  const learning = (...learners: readonly string[]) =>
    etcdFacts((name, etcd) =>
      learners.includes(name) && etcd.status
        ? { ...etcd, healthy: false, status: { ...etcd.status, isLearner: true } }
        : etcd,
    );
  t.notThrows(() => refuseLearner(etcdFacts(), 'prod'));
  const error = t.throws(() => refuseLearner(learning('etcd03'), 'prod'), { instanceOf: Failure });
  t.regex(error?.message ?? '', /^prod: etcd03 runs, and is a learner/);
  t.is(
    nextText(error?.next ?? []),
    'let it catch up and get its vote: provision up INVENTORY; then run the same command again',
  );
  const another = new Map([...learning('etcd03'), ['etcd02', notAnswering('timeout')]]);
  t.notThrows(() => refuseLearner(another, 'prod'));
});

test('awaitGates() opens when all answer, and names who does not after the timeout', async (t) => {
  const all = await machines(t);
  const names = ['etcd01', 'etcd02', 'etcd03'];
  await t.notThrowsAsync(awaitGates(allWell(names), all.site(1), NEVER));
  await all.answers('etcd03', false);
  await t.notThrowsAsync(awaitGates(allWell(['etcd01', 'etcd02']), all.site(1), NEVER));
  const error = await t.throwsAsync(awaitGates(allWell(names), all.site(1), NEVER));
  t.is(
    error?.message,
    'prod: etcd03 does not answer a linearizable read (context deadline exceeded)',
  );
});

test('awaitGates() that is told to stop says so, and not who does not answer yet', async (t) => {
  const all = await machines(t);
  await all.answers('etcd03', false);
  const reason = new Failure('interrupted', 'interrupted by SIGINT', { next: [] });
  const waiting = awaitGates(allWell(['etcd03']), all.site(60), AbortSignal.abort(reason));
  t.is(await t.throwsAsync(waiting), reason);
});

const ready: Gate = {
  kind: 'consumer-ready',
  members: [],
  consumer: 'etcd02',
  unit: 'kube-apiserver.service',
};

test('awaitGates() waits until the unit of a consumer runs, asks no member, and says what it is in the end', async (t) => {
  const all = await machines(t);
  await all.states('etcd02', 'activating 0', 'reloading 0', 'active 0');
  await t.notThrowsAsync(awaitGates([ready], all.site(60), NEVER));
  await all.states('etcd02', 'activating 0');
  const error = await t.throwsAsync(awaitGates([ready], all.site(1), NEVER));
  t.is(error?.message, 'prod: etcd02: kube-apiserver.service is activating');
});

test('awaitGates() asks a consumer that runs whether it is ready, and says why it is not', async (t) => {
  const all = await machines(t);
  const marker = join(all.directory, 'ready');
  const asks: Gate = { ...ready, ready: { command: `ls ${marker}` } };
  await all.states('etcd02', 'activating 0');
  const starting = await t.throwsAsync(awaitGates([asks], all.site(1), NEVER));
  t.is(starting?.message, 'prod: etcd02: kube-apiserver.service is activating');
  await all.states('etcd02', 'active 0');
  const error = await t.throwsAsync(awaitGates([asks], all.site(1), NEVER));
  t.regex(
    error?.message ?? '',
    /^prod: etcd02 is not ready: ls .*\/ready ends with 2: ls: .*No such/,
  );
  await writeFile(marker, '');
  await t.notThrowsAsync(awaitGates([asks], all.site(60), NEVER));
  const { unit: _, ...alone } = asks;
  await all.states('etcd02', 'failed 0');
  await t.notThrowsAsync(awaitGates([alone], all.site(60), NEVER));
});

test('awaitGates() waits no longer for a unit of a consumer that has failed', async (t) => {
  const all = await machines(t);
  await all.states('etcd02', 'failed 0');
  const error = await t.throwsAsync(awaitGates([ready], all.site(600), NEVER), {
    instanceOf: Failure,
  });
  t.is(
    error?.message,
    'etcd02: kube-apiserver.service failed with its new files; no further consumer was touched',
  );
});
