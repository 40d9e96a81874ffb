import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { programsToTry } from '../../src/run/preflight.ts';
import { but, butAll, settled, stopped, UP, wanted } from '../plan/facts.ts';

const three = wanted();
const running = butAll(settled(three), ({ program, unit }) => ({
  program: { ...program, isOne: true },
  unit: { ...unit, process: unit.process && { ...unit.process, account: three.account } },
}));
const restart = { ...UP, restart: () => 'it was asked for' };
const tried = (facts: typeof running) => [
  ...programsToTry(facts, planCluster(three, facts, restart)).keys(),
];

test('programsToTry() leaves out programs that run as their unit would run them', (t) => {
  t.deepEqual(tried(running), []);
});

test('programsToTry() has each that is not the file that runs', (t) => {
  t.deepEqual(tried(settled(three)).toSorted(), ['etcd01', 'etcd02', 'etcd03']);
});

test('programsToTry() has those that run otherwise than their unit says by now', (t) => {
  const withProcess = (change: Partial<NonNullable<MemberFacts['unit']['process']>>) =>
    but(running, 'etcd02', ({ unit }) => ({
      unit: { ...unit, process: unit.process && { ...unit.process, ...change } },
    }));
  t.deepEqual(tried(withProcess({ unit: 'abcdef012345' })), ['etcd02']);
  t.deepEqual(tried(withProcess({ unit: undefined })), ['etcd02']);
  t.deepEqual(tried(withProcess({ account: 'somebody' })), ['etcd02']);
});

test('programsToTry() has the program of a member that does not run', (t) => {
  const facts = but(running, 'etcd02', stopped);
  t.deepEqual([...programsToTry(facts, planCluster(three, facts, UP)).keys()], ['etcd02']);
});
