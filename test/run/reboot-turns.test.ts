import test from 'ava';
import type { HistoryEntry } from '../../src/history/history-entry.ts';
import { unfinishedFor } from '../../src/run/reboot-turns.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const entry = (command: string, result: HistoryEntry['result'], minutes: number) => ({
  ...{ command, result },
  at: new Date(NOW - minutes * 60_000).toISOString(),
});

test('unfinishedFor() counts from the first of the reboots that did not end, whatever was done between', (t) => {
  const runs = [
    entry('reboot', 'done', 90),
    entry('reboot', 'paused', 50),
    entry('up', 'done', 40),
    entry('reboot', 'cut off', 10),
  ];
  t.is(unfinishedFor(runs, NOW), 3000);
});

test('unfinishedFor() begins again where the last reboot was done, is of another day, or there was none', (t) => {
  t.is(unfinishedFor([entry('reboot', 'failed', 50), entry('reboot', 'done', 5)], NOW), undefined);
  t.is(unfinishedFor([entry('reboot', 'failed', 2000)], NOW), undefined);
  t.is(unfinishedFor([entry('up', 'failed', 5)], NOW), undefined);
});
