import { spawnSync } from 'node:child_process';
import test from 'ava';
import { calendarOf } from '../../src/desired/calendar.ts';

const RHYTHMS = [
  { seconds: 300, calendar: '*-*-* *:00/5:00 UTC' },
  { seconds: 1800, calendar: '*-*-* *:00/30:00 UTC' },
  { seconds: 3600, calendar: '*-*-* 00/1:00:00 UTC' },
  { seconds: 21_600, calendar: '*-*-* 00/6:00:00 UTC' },
  { seconds: 86_400, calendar: '*-*-* 00:00:00 UTC' },
  { seconds: 604_800, calendar: 'Mon *-*-* 00:00:00 UTC' },
];

test('calendarOf: gives the moments of every rhythm that fits', (t) => {
  t.deepEqual(
    RHYTHMS.map(({ seconds }) => ({ seconds, calendar: calendarOf(seconds) })),
    RHYTHMS,
  );
});

test('calendarOf: gives nothing for a rhythm that drifts', (t) => {
  t.deepEqual([420, 5 * 3600, 7 * 60, 172_800, 90].map(calendarOf), Array(5).fill(undefined));
});

const analyze = spawnSync('systemd-analyze', ['--version']);
const withSystemd = analyze.error === undefined ? test : test.skip;

withSystemd('calendarOf: systemd finds each moment so many seconds after the last', (t) => {
  for (const { seconds, calendar = '' } of RHYTHMS) {
    const { stdout } = spawnSync(
      'systemd-analyze',
      ['calendar', '--iterations=3', '--base-time=2026-11-18 00:00:01 UTC', calendar],
      { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } },
    );
    const times = [...stdout.matchAll(/(?:Next elapse|Iter\. #\d|Iteration #\d): (.*)/g)].map(
      ([, time]) =>
        Date.parse(`${time?.replace(/^\w+ /, '').replace(' UTC', 'Z').replace(' ', 'T')}`),
    );
    t.is(times.length, 3, stdout);
    t.deepEqual(
      times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000),
      [seconds, seconds],
    );
  }
});
