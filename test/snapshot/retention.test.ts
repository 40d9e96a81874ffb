import test from 'ava';
import fc from 'fast-check';
import { notRetained, type Retention } from '../../src/snapshot/retention.ts';

const now = new Date('2026-11-21T12:00:00Z');
const times = [
  '2026-11-21T11:00:00Z',
  '2026-11-21T05:00:00Z',
  '2026-11-20T23:00:00Z',
  '2026-11-20T11:00:00Z',
  '2026-11-18T11:00:00Z',
  '2026-10-01T11:00:00Z',
];
const snapshots = times.map((time) => ({ takenAt: new Date(time) }));

const goes = test.macro((t, retention: Retention, expected: readonly string[]) => {
  const gone = notRetained(snapshots.toReversed(), retention, now);
  t.deepEqual(
    gone.map(({ takenAt }) => takenAt.toISOString().replace('.000', '')),
    expected,
  );
});

test('expired: keeps the newest so many', goes, { last: 2 }, times.slice(2));
test('expired: keeps the newest of each day that has one', goes, { daily: 3 }, [
  '2026-11-21T05:00:00Z',
  '2026-11-20T11:00:00Z',
  '2026-10-01T11:00:00Z',
]);
test('expired: keeps the younger ones', goes, { withinHours: 24 }, times.slice(3));
test('expired: keeps what any rule keeps', goes, { last: 1, daily: 2, withinHours: 8 }, [
  '2026-11-20T11:00:00Z',
  '2026-11-18T11:00:00Z',
  '2026-10-01T11:00:00Z',
]);
test('expired: without a rule nothing is kept', goes, {}, times);

test('expired: the newest stays under any rule that keeps one at all', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.date({ max: now, noInvalidDate: true }).map((takenAt) => ({ takenAt })),
        {
          minLength: 1,
        },
      ),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      (some, number, byDay) => {
        const gone = notRetained(some, byDay ? { daily: number } : { last: number }, now);
        const newest = Math.max(...some.map(({ takenAt }) => takenAt.getTime()));
        t.true(gone.length < some.length);
        t.true(some.some((one) => one.takenAt.getTime() === newest && !gone.includes(one)));
      },
    ),
  );
});
