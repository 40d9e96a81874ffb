import test from 'ava';
import { planCluster } from '../../src/plan/cluster.ts';
import { handoverOf } from '../../src/plan/handover.ts';
import { placed } from '../../src/plan/lane.ts';
import { but, butAll, type SeenFacts, settled, stopped, UP, wanted } from './facts.ts';

const etcd = (change: Readonly<Record<string, unknown>>) =>
  wanted(3, { etcd: { version: '3.5.30', ...change } });

const before = etcd({});
const after = etcd({ user: 'etcd2' });

const runningAs = (account: string, facts: SeenFacts) =>
  butAll(facts, ({ unit }) => ({
    unit: { ...unit, process: unit.process && { ...unit.process, account } },
  }));

const running = runningAs('etcd', settled(before));

test('planCluster() gives data and keys to another account member by member, while each is stopped', (t) => {
  const { waves, refusals } = planCluster(after, running, UP);
  t.deepEqual(refusals, []);
  const turns = waves.filter(({ turn }) => turn !== undefined);
  t.deepEqual(
    turns.map(({ title }) => title),
    ['restart etcd02', 'restart etcd03', 'restart etcd01'],
  );
  const [first] = turns;
  t.deepEqual(
    placed(first?.lanes ?? []).map(({ step }) => step.kind),
    ['write-files', 'enable-unit', 'yield-leadership', 'restart-unit', 'await-ready'],
  );
  const given = (lanes: (typeof turns)[number]['lanes']) =>
    placed(lanes).flatMap(({ step }) => (step.kind === 'restart-unit' ? [step.handover] : []));
  const places = { data: '/var/lib/etcd', pki: '/etc/etcd/pki' };
  t.deepEqual(given(first?.lanes ?? []), [{ account: 'etcd2', ...places }]);
  t.deepEqual(given(first?.undo ?? []), [{ account: 'etcd', ...places }]);
});

test('planCluster() leaves the keys of what runs with its account until then', (t) => {
  const { waves } = planCluster(after, running, UP);
  const kinds = waves.flatMap(({ lanes }) => placed(lanes).map(({ step }) => step.kind));
  t.false(kinds.includes('install-certificates'));
});

test('planCluster() finishes what a run has left that was killed', (t) => {
  // The unit names the account already, its process is still of the former one.
  const isWritten = runningAs('etcd', settled(after));
  const [turn] = planCluster(after, isWritten, UP).waves.filter((wave) => wave.turn !== undefined);
  t.deepEqual(
    placed(turn?.lanes ?? []).map(({ step }) => step.kind),
    ['yield-leadership', 'restart-unit', 'await-ready'],
  );
  // It would start as the new account again: nothing is taken from that.
  t.deepEqual(turn?.undo, []);

  const isStopped = but(runningAs('etcd2', settled(after)), 'etcd02', (found) => ({
    ...stopped(found),
    data: found.data && { ...found.data, stranger: '/var/lib/etcd/member/snap' },
  }));
  const { waves } = planCluster(after, isStopped, UP);
  // The run was killed while it gave the files over: some of both are still of the former account.
  const [start] = waves;
  t.deepEqual(
    placed(start?.lanes ?? []).map(({ step }) => step.kind),
    ['prepare-host', 'install-certificates', 'start-unit', 'await-ready'],
  );
});

test('handoverOf() gives nothing to anybody where the accounts are the same, or more than data would have to go', (t) => {
  const facts = (account: string | undefined) => {
    const found = settled(before).members.get('etcd01');
    if (found === undefined) throw new TypeError('no member');
    const { unit } = found;
    return { unit: { ...unit, process: unit.process && { ...unit.process, account } } };
  };
  t.is(handoverOf(after, facts('etcd2')), undefined);
  t.is(handoverOf(after, facts(undefined)), undefined);
  t.is(handoverOf(after, facts('#994')), undefined);
  t.is(handoverOf(after, facts('root')), undefined);
  const logging = etcd({ user: 'etcd2', settings: { 'log-outputs': '/var/log/etcd/a.log' } });
  t.is(handoverOf(logging, facts('etcd')), undefined);
  t.not(handoverOf(after, facts('etcd')), undefined);
});
