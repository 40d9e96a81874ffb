import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { entryLine, type HistoryEntry, readEntries } from '../../src/history/history-entry.ts';
import { readLocalHistory, rememberHere } from '../../src/history/local.ts';
import { mergeHistories } from '../../src/history/merge.ts';

const up: HistoryEntry = {
  id: 'aaaa',
  cluster: 'prod',
  at: '2026-11-21T10:00:00.000Z',
  who: 'alice@north',
  command: 'up',
  result: 'done',
  changes: '44 steps in 3 waves, no restart',
  plan: '651e7d3efdca',
  seconds: 6.3,
};
const cut: HistoryEntry = {
  id: 'aaaa',
  cluster: 'prod',
  at: '2026-11-21T10:00:00.000Z',
  who: 'alice@north',
  command: 'up',
  result: 'cut off',
};
const down: HistoryEntry = {
  ...up,
  id: 'bbbb',
  at: '2026-11-20T10:00:00.000Z',
  command: 'down',
  result: 'failed',
};

test('readEntries() reads back what entryLine() wrote, and passes over everything else', (t) => {
  const text = [
    '{"id":',
    entryLine(up),
    'null',
    '',
    entryLine({ ...up, at: 'yesterday' }),
    entryLine(cut),
    '[1]',
  ];
  t.deepEqual(readEntries(text.join('\n')), [up, cut]);
});

test('entryLine() keeps the first line of why, 300 characters of it', (t) => {
  const [read] = readEntries(
    entryLine({ ...up, result: 'failed', why: `${'x'.repeat(400)}\nsecond` }),
  );
  t.is(read?.why, 'x'.repeat(300));
});

test('readEntries() takes out what a terminal would obey', (t) => {
  const [read] = readEntries(entryLine({ ...up, who: 'al\u001b]0;title\u0007ice@north' }));
  t.is(read?.who, 'alice@north');
});

test('mergeHistories() tells each run once, by time, with all places that know it', (t) => {
  const merged = mergeHistories(
    new Map([
      ['here', [up]],
      ['etcd01', [cut]],
      ['etcd02', [down, up]],
    ]),
  );
  t.deepEqual(merged, [
    { ...down, places: ['etcd02'] },
    { ...up, places: ['here', 'etcd01', 'etcd02'] },
  ]);
});

test('mergeHistories() believes a place that saw the end before one that did not', (t) => {
  const merged = mergeHistories(
    new Map([
      ['etcd01', [cut]],
      ['etcd02', [{ ...up, result: 'interrupted' }]],
    ]),
  );
  t.deepEqual(merged, [{ ...up, result: 'interrupted', places: ['etcd01', 'etcd02'] }]);
});

test('rememberHere() adds a line to a file only its owner reads', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'provision-history-'));
  const file = join(directory, 'state', 'history.jsonl');
  t.deepEqual(await readLocalHistory({ name: 'prod', addresses: [] }, file), []);
  await Promise.all(
    [up, { ...down, cluster: 'other' }, down].map((entry) => rememberHere(entry, file)),
  );
  const read = await readLocalHistory({ name: 'prod', addresses: [] }, file);
  t.deepEqual(read.map(({ id }) => id).sort(), ['aaaa', 'bbbb']);
  t.deepEqual(
    [statSync(file).mode & 0o777, statSync(join(directory, 'state')).mode & 0o777],
    [0o600, 0o700],
  );
  rmSync(directory, { recursive: true });
});
