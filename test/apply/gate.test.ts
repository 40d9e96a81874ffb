import test from 'ava';
import { awaitGates, type GateFact, refuseLearner, whyNotOpen } from '../../src/apply/gate.ts';
import { surroundings } from '../../src/apply/roll-back-risk.ts';
import type { EtcdFact } from '../../src/facts/etcd/etcd.ts';
import { Failure } from '../../src/failure/failure.ts';
import { allWell } from '../../src/plan/gate.ts';
import { nextText } from '../../src/problem/render.ts';
import { notAnswering, settled, wanted } from '../plan/facts.ts';
import { machines } from './machine.ts';

const NEVER = new AbortController().signal;

function etcdFacts(
  change: (name: string, etcd: EtcdFact) => EtcdFact = (_, etcd) => etcd,
): ReadonlyMap<string, EtcdFact> {
  return new Map(
    [...settled(wanted()).members].map(([name, { etcd }]) => [name, change(name, etcd)]),
  );
}

function status(change: Partial<NonNullable<EtcdFact['status']>>) {
  return etcdFacts((name, etcd) =>
    name === 'etcd02' && etcd.status ? { ...etcd, status: { ...etcd.status, ...change } } : etcd,
  );
}

const says = test.macro((t, facts: ReadonlyMap<string, GateFact>, ...doubts: readonly string[]) => {
  t.deepEqual(whyNotOpen(allWell([...facts.keys()]), facts), doubts);
});

test('whyNotOpen() lets healthy members pass', says, etcdFacts());

// What late patches of etcd tell a stranger where authentication is on.
const withheld: EtcdFact = {
  ...{ healthy: true, complaint: undefined, members: undefined, status: undefined },
  asksForUser: true,
};

test(
  'whyNotOpen() takes a linearizable read for proof where etcd tells its status to users only',
  says,
  etcdFacts(() => withheld),
);

test(
  'whyNotOpen() hears of corruption by /health where the status is withheld',
  says,
  etcdFacts((name) => ({
    ...withheld,
    alarmKinds: name === 'etcd02' ? ['NOSPACE', 'CORRUPT'] : [],
  })),
  'etcd02 reports alarm:CORRUPT (of which member, users only are told)',
);

test(
  'whyNotOpen() compares what those tell that do',
  says,
  etcdFacts((name, etcd) => (name === 'etcd02' ? etcd : withheld)),
);

test(
  'whyNotOpen() wants each to reach all others, nameless as they are',
  says,
  new Map(
    [...etcdFacts(() => withheld)].map(([name, etcd]) => [
      name,
      { ...etcd, links: new Set(name === 'etcd02' ? ['aa'] : ['aa', 'bb']) },
    ]),
  ),
  'etcd02 does not reach all others at their peer ports',
);

test(
  'whyNotOpen() counts a peer once that is told by its id and by its name',
  says,
  new Map(
    [...etcdFacts(() => withheld)].map(([name, etcd]) => [
      name,
      { ...etcd, links: new Set(name === 'etcd02' ? ['aa', 'etcd01'] : ['aa', 'bb']) },
    ]),
  ),
  'etcd02 does not reach all others at their peer ports',
);

test(
  'whyNotOpen() names who does not answer',
  says,
  etcdFacts((name, etcd) => (name === 'etcd02' ? notAnswering('timeout') : etcd)),
  'etcd02 does not answer a linearizable read (timeout)',
);

test(
  'whyNotOpen() wants one membership',
  says,
  etcdFacts((name, etcd) =>
    name === 'etcd02' && etcd.members
      ? { ...etcd, members: { ...etcd.members, members: [] } }
      : etcd,
  ),
  'the members do not list the same members',
);

test(
  'whyNotOpen() wants one leader',
  says,
  status({ leader: '00000000000000ff' }),
  'the members do not agree on a leader',
);

test(
  'whyNotOpen() wants applied entries to be close',
  says,
  status({ raftAppliedIndex: 5_000 }),
  'a member lags behind',
);

test(
  'whyNotOpen() takes members that do not tell what they applied, as 3.3 does not',
  says,
  status({ raftAppliedIndex: undefined }),
);

test(
  'whyNotOpen() stops at corruption',
  says,
  status({ errors: ['memberID:2 alarm:CORRUPT '] }),
  'etcd02 reports memberID:2 alarm:CORRUPT ',
);

test(
  'whyNotOpen() lets a full database pass: a larger quota is what cures it',
  says,
  status({ errors: ['memberID:2 alarm:NOSPACE '] }),
);

function linked(one: string, ...reached: readonly string[]) {
  const facts = etcdFacts();
  const id = (name: string) => facts.get(name)?.status?.memberId ?? '';
  return new Map(
    [...facts].map(([name, etcd]) => {
      const links = name === one ? reached.map(id) : [...facts.keys()].map(id);
      return [name, { ...etcd, links: new Set(links) }];
    }),
  );
}

test(
  'whyNotOpen() lets members pass that reach each other',
  says,
  linked('etcd02', 'etcd01', 'etcd03'),
);

test(
  'whyNotOpen() names who does not reach whom, although both answer through a third',
  says,
  linked('etcd02', 'etcd01'),
  'etcd02 does not reach etcd03 at its peer port',
);

test('whyNotOpen() takes peers by name too, where only their streams are seen', (t) => {
  const facts = [...etcdFacts()].map(
    ([name, etcd]) => [name, { ...etcd, links: new Set(['etcd01', 'etcd02', 'etcd03']) }] as const,
  );
  t.deepEqual(whyNotOpen(allWell(['etcd01', 'etcd02', 'etcd03']), new Map(facts)), []);
});

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

test('whyNotOpen() passes over the alarm of a member that is about to leave, and over no other', (t) => {
  const alarm = (id: string) =>
    status({ errors: [`memberID:${BigInt(`0x${id}`)} alarm:CORRUPT `] });
  const names = ['etcd01', 'etcd02', 'etcd03'];
  t.deepEqual(whyNotOpen(allWell(names, ['00000000000000aa']), alarm('aa')), []);
  t.deepEqual(whyNotOpen(allWell(names, ['00000000000000aa']), alarm('ab')), [
    'etcd02 reports memberID:171 alarm:CORRUPT ',
  ]);
  t.deepEqual(whyNotOpen(allWell(names), alarm('aa')), [
    'etcd02 reports memberID:170 alarm:CORRUPT ',
  ]);
});

test('awaitGates() that is told to stop says so, and not who does not answer yet', async (t) => {
  const all = await machines(t);
  await all.answers('etcd03', false);
  const reason = new Failure('interrupted', 'interrupted by SIGINT', { next: [] });
  const waiting = awaitGates(allWell(['etcd03']), all.site(60), AbortSignal.abort(reason));
  t.is(await t.throwsAsync(waiting), reason);
});

test('surroundings() names members that do not answer while others answer, and nobody where no quorum is left', async (t) => {
  const all = await machines(t);
  const names = ['etcd01', 'etcd02', 'etcd03'];
  const risk = async () => (await surroundings(['etcd01'], allWell(names), all.site(1))).atRisk;
  t.deepEqual(await risk(), []);
  await all.answers('etcd02', false);
  t.deepEqual(await risk(), ['etcd02']);
  await all.answers('etcd03', false);
  t.deepEqual(await risk(), []);
});

test('surroundings() counts the list that etcd holds: of five one may not answer beside the one that restarts', async (t) => {
  const all = await machines(t, 5);
  const gates = allWell(['etcd01', 'etcd02', 'etcd03', 'etcd04', 'etcd05']);
  const risk = async () => (await surroundings(['etcd01'], gates, all.site(1))).atRisk;
  await all.answers('etcd02', false);
  t.deepEqual(await risk(), []);
  await all.answers('etcd03', false);
  t.deepEqual(await risk(), ['etcd02', 'etcd03']);
});

test('surroundings() counts a listed member that never started as down, as long as one that answers is restarted', async (t) => {
  const all = await machines(t, 4);
  const gates = allWell(['etcd01', 'etcd02', 'etcd03']);
  const risk = async () => (await surroundings(['etcd01'], gates, all.site(1))).atRisk;
  t.deepEqual(await risk(), ['etcd04']);
  await all.answers('etcd01', false);
  t.deepEqual(await risk(), []);
});
