import test from 'ava';
import type { DataFact } from '../../src/facts/data/data.ts';
import type { LogMoveFact } from '../../src/facts/data/log-move.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { planDown } from '../../src/plan/down.ts';
import { placed } from '../../src/plan/lane.ts';
import { logMoveOf } from '../../src/plan/log-move.ts';
import { but, butAll, type SeenFacts, settled, stopped, UP, wanted } from './facts.ts';

const etcd = (wal?: string) =>
  wanted(3, { etcd: { version: '3.5.30', ...(wal !== undefined && { paths: { wal } }) } });

const inData = etcd();
const apart = etcd('/srv/log');
const IN_DATA = '/var/lib/etcd/member/wal';
const NOTE = '/var/lib/provision/etcd.log-move';

/** What is seen of members whose log is elsewhere than the inventory says now. */
const lookedAtBy = (facts: SeenFacts, logAt: string, more: Partial<DataFact> = {}) =>
  butAll(facts, ({ data }) => ({ data: data && { ...data, logAt, logBytes: 128e6, ...more } }));

const running = lookedAtBy(settled(inData), IN_DATA);

const unseen = (facts: SeenFacts, name: string): SeenFacts => ({
  ...facts,
  members: new Map([...facts.members].filter(([one]) => one !== name)),
});

const kindsOf = (lanes: Parameters<typeof placed>[0]) => placed(lanes).map(({ step }) => step.kind);
const movesIn = (lanes: Parameters<typeof placed>[0]) =>
  placed(lanes).flatMap(({ step }) =>
    step.kind === 'restart-unit' || step.kind === 'start-unit' ? [step.logMove] : [],
  );

test('planCluster() moves a log member by member, while each is stopped, and back where it does not start', (t) => {
  const { waves, refusals } = planCluster(apart, running, UP);
  t.deepEqual(refusals, []);
  const turns = waves.filter(({ turn }) => turn !== undefined);
  t.deepEqual(
    turns.map(({ title }) => title),
    ['restart etcd02', 'restart etcd03', 'restart etcd01'],
  );
  const [first] = turns;
  t.deepEqual(kindsOf(first?.lanes ?? []), [
    ...['write-files', 'write-files', 'enable-unit', 'yield-leadership'],
    ...['restart-unit', 'await-ready', 'remove'],
  ]);
  t.deepEqual(movesIn(first?.lanes ?? []), [{ from: IN_DATA, to: '/srv/log/wal' }]);
  t.deepEqual(movesIn(first?.undo ?? []), [{ from: '/srv/log/wal', to: IN_DATA }]);
  const awaited = placed(first?.undo ?? []).flatMap(({ step }) =>
    step.kind === 'await-ready' ? [step.log.wal] : [],
  );
  t.deepEqual(awaited, [IN_DATA]);
  const removed = placed(first?.lanes ?? []).flatMap(({ step }) =>
    step.kind === 'remove' ? step.paths : [],
  );
  t.deepEqual(removed, [`${IN_DATA}.former`, NOTE]);
  // The directory is there before anybody is stopped.
  const prepared = waves[0]?.lanes ?? [];
  t.deepEqual(
    placed(prepared).flatMap(({ step }) =>
      step.kind === 'prepare-host' ? step.directories.map(({ path }) => path) : [],
    ),
    ['etcd01', 'etcd02', 'etcd03'].flatMap(() => ['/etc/etcd', '/var/lib/etcd', '/srv/log']),
  );
});

test('planCluster() moves the logs of the others where a member is away', (t) => {
  const five = (wal?: string) =>
    wanted(5, { etcd: { version: '3.5.30', ...(wal !== undefined && { paths: { wal } }) } });
  const facts = lookedAtBy(settled(five()), IN_DATA);
  const { waves, refusals } = planCluster(five('/srv/log'), unseen(facts, 'etcd05'), {
    ...UP,
    away: ['etcd05'],
  });
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves.flatMap(({ lanes }) => movesIn(lanes)),
    Array.from({ length: 4 }, () => ({ from: IN_DATA, to: '/srv/log/wal' })),
  );
});

test('planCluster() has nothing to do where the log is in its place', (t) => {
  for (const one of [inData, apart]) t.deepEqual(planCluster(one, settled(one), UP).waves, []);
});

test('planCluster() finishes a move that was killed', (t) => {
  const move = { from: IN_DATA, to: '/srv/log/wal' };
  const note: LogMoveFact = { ...move, content: 'of an earlier version' };
  // Everything is written, and the process is still the former one.
  const written = butAll(lookedAtBy(settled(apart), IN_DATA), ({ unit }) => ({
    logMove: note,
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        environment: new Map(
          [...unit.process.environment].filter(([name]) => name !== 'ETCD_WAL_DIR'),
        ),
      },
    },
  }));
  const [turn] = planCluster(apart, written, UP).waves.filter((wave) => wave.turn !== undefined);
  t.deepEqual(movesIn(turn?.lanes ?? []), [{ ...move, isBegun: true }]);

  const down = but(lookedAtBy(settled(apart), IN_DATA), 'etcd02', (found) => ({
    ...stopped(found),
    logMove: note,
  }));
  const only = but(but(down, 'etcd01', settledData), 'etcd03', settledData);
  const [start] = planCluster(apart, only, UP).waves;
  const rewritten = placed(start?.lanes ?? []).flatMap(({ step }) =>
    step.kind === 'write-files' ? step.files.map(({ before }) => before) : [],
  );
  t.deepEqual(rewritten, ['of an earlier version']);
  t.deepEqual(movesIn(start?.lanes ?? []), [{ ...move, isBegun: true }]);

  // Only the former log is left.
  const left = but(settled(apart), 'etcd02', () => ({ logMove: note }));
  const { waves } = planCluster(apart, left, UP);
  t.deepEqual(
    waves.flatMap(({ lanes }) => kindsOf(lanes)),
    ['remove'],
  );
});

const settledData = ({ data }: { readonly data: DataFact | undefined }) => {
  const { logAt: _at, logBytes: _bytes, ...rest } = data ?? ({} as DataFact);
  return { data: rest };
};

test('planCluster() moves no log to where another one is, nor one that a hand has moved', (t) => {
  const taken = lookedAtBy(settled(inData), IN_DATA, { isLogPlaceTaken: true });
  t.deepEqual(
    planCluster(apart, taken, UP).refusals.map(({ sentence }) => sentence),
    [
      `etcd01, etcd02, etcd03: keep their write-ahead log in ${IN_DATA}; the inventory says /srv/log/wal (etcd.paths.wal), and another log is there`,
    ],
  );
  const byHand = lookedAtBy(settled(inData), '/wal/etcd');
  t.deepEqual(
    planCluster(inData, byHand, UP).refusals.map(({ kind }) => kind),
    ['log-moved'],
  );
});

test('planCluster() asks for room before a log is moved', (t) => {
  const narrow = butAll(running, ({ disks }) => ({
    disks: [...disks, { path: '/srv/log/wal', writable: true, bytes: 300e6, inodes: undefined }],
  }));
  t.deepEqual(
    planCluster(apart, narrow, UP).refusals.map(({ sentence }) => sentence),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `${name}: the disk of /srv/log/wal has too little room for the log that is moved there: 286 MiB are free, 387 MiB are needed`,
    ),
  );
});

test('planDown() leaves a cluster alone whose log is elsewhere than the inventory says', (t) => {
  t.deepEqual(
    planDown(apart, running, true).refusals.map(({ kind, about }) => [kind, about]),
    [['log-moved', ['etcd01', 'etcd02', 'etcd03']]],
  );
  const purged = planDown(apart, settled(apart), true).waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ step }) => (step.kind === 'purge' ? step.purge.remove : [])),
  );
  t.true(purged.includes('/srv/log'));
});

test('planCluster() starts no member that has half of its data', (t) => {
  const lost = (change: Partial<DataFact>) =>
    but(settled(apart), 'etcd02', (found) => ({
      ...stopped(found),
      data: found.data && { ...found.data, hasLog: false, ...change },
    }));
  const sentences = (change: Partial<DataFact>) =>
    planCluster(apart, lost(change), UP).refusals.map(({ sentence }) => sentence);
  t.deepEqual(sentences({ lacksStore: true }), [
    'etcd02: its write-ahead log is in /srv/log/wal, and the rest of its data is gone (/var/lib/etcd is missing or empty) although it was a member; is a disk not mounted?',
  ]);
  t.deepEqual(sentences({ wal: undefined }), [
    'etcd02: its write-ahead log is gone (/srv/log/wal is missing or empty) although it was a member; is a disk not mounted?',
  ]);
});

test('logMoveOf() knows what provision has put somewhere by the unit, or by the note of a move', (t) => {
  const [found] = [...lookedAtBy(settled(inData), '/elsewhere').members.values()];
  if (found === undefined) throw new TypeError('no member');
  t.is(logMoveOf(apart, found), undefined);
  const move = { from: '/elsewhere', to: '/srv/log/wal' };
  const noted = { ...found, logMove: { ...move, content: '' } };
  t.deepEqual(logMoveOf(apart, noted), { ...move, isBegun: true });
  // The inventory names a third directory since.
  t.deepEqual(logMoveOf(inData, noted), { from: '/elsewhere', to: IN_DATA });
});
