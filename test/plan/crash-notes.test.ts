import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { but, settled, stopped, UP, wanted } from './facts.ts';

const three = wanted();

function notesWhere(unit: Partial<MemberFacts['unit']>) {
  const facts = but(settled(three), 'etcd02', (found) => {
    const off = stopped(found);
    return { ...off, unit: { ...found.unit, ...off.unit, ...unit } };
  });
  const { notes, waves } = planCluster(three, facts, UP);
  return { notes, starts: waves.map(({ title }) => title) };
}

test('crashNotes() says of a start that it is no cure, where a unit has failed or is started again and again', (t) => {
  const failed = notesWhere({ active: 'failed', sub: 'failed', result: 'core-dump' });
  t.deepEqual(failed.notes, [
    'etcd02: etcd.service has failed (core-dump); where this plan does not change what ended it, it ends again: doctor says why it did',
  ]);
  t.true(failed.starts.length > 0);
  t.deepEqual(notesWhere({ active: 'activating', sub: 'auto-restart', restarts: 12 }).notes, [
    'etcd02: etcd.service ended by itself and was started again 12 times; where this plan does not change what ended it, it ends again: doctor says why it did',
  ]);
});

test('crashNotes() says nothing of a unit that was stopped', (t) => {
  t.is(notesWhere({}).notes, undefined);
  t.is(notesWhere({ restarts: 1 }).notes, undefined);
});
