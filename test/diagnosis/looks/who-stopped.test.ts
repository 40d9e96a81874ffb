import test from 'ava';
import { whoStopped } from '../../../src/diagnosis/looks/who-stopped.ts';

const run = (id: string, began: number, command: string, more: object = {}) =>
  `run=${JSON.stringify({ id, cluster: 'prod', at: new Date(began * 1000).toISOString(), who: 'ann@desk', command, ...more })}`;

test('whoStopped() names a run that was killed, until the next run of its cluster began', (t) => {
  const rows = [run('a', 1000, 'migrate', { result: 'cut off' })];
  t.is(whoStopped(rows, 1200), 'provision migrate (ann@desk)');
  const up = run('b', 1100, 'up', { result: 'done', seconds: 20 });
  t.is(whoStopped([...rows, up], 1200), undefined);
  t.is(whoStopped([...rows, up], 1050), 'provision migrate (ann@desk)');
  const other = run('c', 1100, 'up', { result: 'done', seconds: 20, cluster: 'other' });
  t.is(whoStopped([...rows, other], 1200), 'provision migrate (ann@desk)');
});

test('whoStopped() names a run that ended although the next had begun to wait for the lock', (t) => {
  const down = run('a', 1000, 'down', { result: 'done', seconds: 20 });
  const up = run('b', 1005, 'up', { result: 'done', seconds: 40 });
  for (const rows of [
    [down, up],
    [up, down],
  ])
    t.is(whoStopped(rows, 1015), 'provision down (ann@desk)');
  t.is(whoStopped([down, up], 1030), undefined);
});

test('whoStopped() names no run that was cut off before, and one that was cut off just then', (t) => {
  for (const command of ['migrate', 'restore', 'down']) {
    const rows = [run('a', 1000, command, { result: 'cut off', cutAt: 1030 })];
    t.is(whoStopped(rows, 1010), `provision ${command} (ann@desk)`);
    // What it had sent to the host still ends there.
    t.is(whoStopped(rows, 1032), `provision ${command} (ann@desk)`);
    t.is(whoStopped(rows, 1040), undefined);
  }
});

test('whoStopped() holds the time of the cut against the clock of the host alone', (t) => {
  // Its desk is 100 s ahead of the host.
  const ahead = [run('a', 1100, 'migrate', { result: 'cut off', cutAt: 1080 })];
  t.is(whoStopped(ahead, 1075), 'provision migrate (ann@desk)');
  t.is(whoStopped(ahead, 1090), undefined);
  // 100 s behind.
  const behind = [run('a', 900, 'migrate', { result: 'cut off', cutAt: 1030 })];
  t.is(whoStopped(behind, 1020), 'provision migrate (ann@desk)');
  t.is(whoStopped(behind, 1040), undefined);
});
