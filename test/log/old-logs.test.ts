import test from 'ava';
import { logTime, oldLogs } from '../../src/log/old-logs.ts';

const NOW = new Date('2026-11-27T12:00:00.000Z');

/** Names of logs of the same runs, one a second, the last one ended that many seconds ago. */
function logs(count: number, subject: string, end: string, secondsAgo = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const time = new Date(NOW.getTime() - (secondsAgo + index) * 1000);
    return `${logTime(time)}-${subject}-${1000 + index}${end}`;
  });
}

const DAY = 86_400;

test('oldLogs() keeps the log that an error named, whoever runs how often after it', (t) => {
  const [named = ''] = logs(1, 'prod-up', '.log', DAY - 60);
  const others = [
    ...logs(400, 'prod-status', '.done.log'),
    ...logs(400, 'test-up', '.log'),
    ...logs(400, 'prod-up', '.done.log'),
  ];
  const deleted = oldLogs([named, ...others], NOW);
  t.deepEqual(deleted.includes(named), false);
  t.is(deleted.length, 380 + 300 + 380);
});

test('oldLogs() keeps the newest of each cluster and command, and fewer that are older than a day', (t) => {
  const [a, b] = [logs(21, 'prod-up', '.done.log'), logs(22, 'test-up', '.log', 2 * DAY)];
  t.deepEqual(
    [...oldLogs([...b, ...a, 'notes.txt'], NOW)].sort(),
    [...b.slice(20), ...a.slice(20)].sort(),
  );
});

test('oldLogs() keeps 500 in all', (t) => {
  const clusters = Array.from({ length: 600 }, (_, index) =>
    logs(1, `c${index}x-up`, '.log', index),
  );
  t.deepEqual(oldLogs(clusters.flat(), NOW), clusters.slice(500).flat());
});
