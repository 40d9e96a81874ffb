import test from 'ava';
import { whoStopped } from '../../../src/diagnosis/looks/who-stopped.ts';

const run = (id: string, began: number, command: string, more: object = {}) =>
  `run=${JSON.stringify({ id, cluster: 'prod', at: new Date(began * 1000).toISOString(), who: 'ann@desk', command, ...more })}`;

test('whoStopped() names a run that was killed, until the next run of its cluster began', (t) => {
  const rows = [run('a', 1000, 'migrate', { result: 'cut off' })];
  t.is(whoStopped(rows, 1200), 'provision migrate (ann@desk, cut off)');
  const up = run('b', 1100, 'up', { result: 'done', seconds: 20 });
  t.is(whoStopped([...rows, up], 1200), undefined);
  t.is(whoStopped([...rows, up], 1050), 'provision migrate (ann@desk, cut off)');
  const other = run('c', 1100, 'up', { result: 'done', seconds: 20, cluster: 'other' });
  t.is(whoStopped([...rows, other], 1200), 'provision migrate (ann@desk, cut off)');
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
    t.is(whoStopped(rows, 1010), `provision ${command} (ann@desk, cut off)`);
    // What it had sent to the host still ends there.
    t.is(whoStopped(rows, 1032), `provision ${command} (ann@desk, cut off)`);
    t.is(whoStopped(rows, 1040), undefined);
  }
});

test('whoStopped() holds the time of the cut against the clock of the host alone', (t) => {
  // Its desk is 100 s ahead of the host.
  const ahead = [run('a', 1100, 'migrate', { result: 'cut off', cutAt: 1080 })];
  t.is(whoStopped(ahead, 1075), 'provision migrate (ann@desk, cut off)');
  t.is(whoStopped(ahead, 1090), undefined);
  // 100 s behind.
  const behind = [run('a', 900, 'migrate', { result: 'cut off', cutAt: 1030 })];
  t.is(whoStopped(behind, 1020), 'provision migrate (ann@desk, cut off)');
  t.is(whoStopped(behind, 1040), undefined);
});

test('whoStopped() names any run that was ended while it had a member stopped, as it is typed', (t) => {
  for (const [command, typed] of [
    ['up', 'up'],
    ['certs-rotate', 'certs rotate'],
    ['certs-rotate-ca', 'certs rotate-ca'],
    ['member-replace', 'member replace'],
    ['restore-undo', 'restore --undo'],
  ] as const) {
    const cut = [run('a', 1000, command, { result: 'cut off', cutAt: 1030 })];
    t.is(whoStopped(cut, 1031), `provision ${typed} (ann@desk, cut off)`);
    t.is(whoStopped(cut, 1040), undefined);
  }
  const failed = [run('a', 1000, 'up', { result: 'failed', seconds: 30 })];
  t.is(whoStopped(failed, 1020), 'provision up (ann@desk, failed)');
  t.is(whoStopped(failed, 1040), undefined);
});

test('whoStopped() blames no run that starts what it stops, and none of which nobody knows until when it worked', (t) => {
  t.is(whoStopped([run('a', 1000, 'up', { result: 'done', seconds: 30 })], 1010), undefined);
  t.is(whoStopped([run('a', 1000, 'up', { result: 'paused', seconds: 30 })], 1010), undefined);
  t.is(whoStopped([run('a', 1000, 'up', { result: 'cut off' })], 1010), undefined);
});
