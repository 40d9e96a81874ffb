import test from 'ava';
import { isMovedByHand } from '../../../src/diagnosis/looks/steady.ts';
import type { UnitMoment } from '../../../src/facts/host/unit-moment.ts';

const RUNS: UnitMoment = { active: 'active', sub: 'running', pid: 7, restarts: 2 };

const MOVED: Readonly<Record<string, readonly [UnitMoment, UnitMoment]>> = {
  'restarted by somebody': [RUNS, { ...RUNS, pid: 8 }],
  stopped: [RUNS, { ...RUNS, active: 'inactive', sub: 'dead', pid: 0 }],
  'about to be stopped': [RUNS, { ...RUNS, active: 'deactivating', sub: 'stop-sigterm' }],
  started: [
    { ...RUNS, active: 'inactive', sub: 'dead', pid: 0 },
    { ...RUNS, active: 'activating', sub: 'start', pid: 9 },
  ],
};

const STEADY: Readonly<Record<string, readonly [UnitMoment, UnitMoment]>> = {
  'one that runs': [RUNS, RUNS],
  'one that became ready': [{ ...RUNS, active: 'activating', sub: 'start' }, RUNS],
  'one that crashed': [RUNS, { ...RUNS, active: 'activating', sub: 'auto-restart', pid: 0 }],
  'one whose restart waits in line, systemd 254 and later': [
    RUNS,
    { ...RUNS, active: 'activating', sub: 'auto-restart-queued', pid: 0 },
  ],
  'one that crashed for good': [RUNS, { ...RUNS, active: 'failed', sub: 'failed', pid: 0 }],
  'one that systemd started again': [RUNS, { ...RUNS, pid: 8, restarts: 3 }],
  'one that takes long to stop': [
    { ...RUNS, active: 'deactivating', sub: 'stop-sigterm' },
    { ...RUNS, active: 'deactivating', sub: 'stop-sigterm' },
  ],
};

for (const [what, [before, after]] of Object.entries(MOVED))
  test(`isMovedByHand() sees a unit that was ${what}`, (t) => {
    t.true(isMovedByHand(before, after));
  });

for (const [what, [before, after]] of Object.entries(STEADY))
  test(`isMovedByHand() leaves ${what} alone`, (t) => {
    t.false(isMovedByHand(before, after));
  });

test('isMovedByHand() says nothing of a host that could not be asked', (t) => {
  t.false(isMovedByHand(RUNS, undefined));
  t.false(isMovedByHand(undefined, RUNS));
});
