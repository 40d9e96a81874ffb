import test from 'ava';
import { conclude } from '../../src/diagnosis/conclude.ts';
import type { DataElsewhere, DataFact } from '../../src/facts/data/data.ts';
import type { MoveNote } from '../../src/facts/data/move-note.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { planDown } from '../../src/plan/down.ts';
import { placed } from '../../src/plan/lane.ts';
import { placeMovesOf } from '../../src/plan/place-move.ts';
import { nextText } from '../../src/problem/render.ts';
import { doctorInput } from '../diagnosis/examined-cluster.ts';
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
    step.kind === 'restart-unit' || step.kind === 'start-unit' ? (step.moves ?? []) : [],
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
  t.deepEqual(movesIn(first?.lanes ?? []), [{ of: 'log', from: IN_DATA, to: '/srv/log/wal' }]);
  t.deepEqual(movesIn(first?.undo ?? []), [{ of: 'log', from: '/srv/log/wal', to: IN_DATA }]);
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
    Array.from({ length: 4 }, () => ({ of: 'log', from: IN_DATA, to: '/srv/log/wal' })),
  );
});

test('planCluster() has nothing to do where the log is in its place', (t) => {
  for (const one of [inData, apart]) t.deepEqual(planCluster(one, settled(one), UP).waves, []);
});

test('planCluster() finishes a move that was killed', (t) => {
  const move = { from: IN_DATA, to: '/srv/log/wal' };
  const note: MoveNote = { ...move, content: 'of an earlier version' };
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
  t.deepEqual(movesIn(turn?.lanes ?? []), [{ of: 'log', ...move, isBegun: true }]);

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
  t.deepEqual(movesIn(start?.lanes ?? []), [{ of: 'log', ...move, isBegun: true }]);

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

test('placeMovesOf() knows what provision has put somewhere by the unit, or by the note of a move', (t) => {
  const [found] = [...lookedAtBy(settled(inData), '/elsewhere').members.values()];
  if (found === undefined) throw new TypeError('no member');
  t.deepEqual(placeMovesOf(apart, found), []);
  const move = { from: '/elsewhere', to: '/srv/log/wal' };
  const noted = { ...found, logMove: { ...move, content: '' } };
  t.deepEqual(placeMovesOf(apart, noted), [{ of: 'log', ...move, isBegun: true }]);
  // The inventory names a third directory since.
  t.deepEqual(placeMovesOf(inData, noted), [{ of: 'log', from: '/elsewhere', to: IN_DATA }]);
});

const WAS = '/var/lib/etcd';
const IS = '/data/etcd';
const there = (wal?: string) =>
  wanted(3, {
    etcd: { version: '3.5.30', paths: { data: IS, ...(wal !== undefined && { wal }) } },
  });
const DATA_NOTE = '/var/lib/provision/etcd.data-move';
const moved = { of: 'data', from: `${WAS}/member`, to: `${IS}/member` } as const;

/** What is seen by an inventory with data in `IS` of members that have theirs in `WAS`. */
const elsewhere = (
  facts: SeenFacts,
  more: Partial<DataElsewhere> = {},
  rest: Partial<DataFact> = { logAt: IN_DATA, logBytes: 128e6 },
) =>
  butAll(facts, ({ data, disks }) => ({
    disks: [...disks, { path: IS, writable: true, bytes: 10e9, inodes: undefined }],
    data: data && {
      ...data,
      ...rest,
      elsewhere: { at: WAS, bytes: 600e6, wanted: undefined, ...more },
    },
  }));

test('planCluster() moves data member by member, while each is stopped, and back where it does not start', (t) => {
  const { waves, refusals } = planCluster(there(), elsewhere(settled(inData)), UP);
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
  // The log is in it.
  t.deepEqual(movesIn(first?.lanes ?? []), [moved]);
  t.deepEqual(movesIn(first?.undo ?? []), [{ of: 'data', from: moved.to, to: moved.from }]);
  const awaited = placed(first?.undo ?? []).flatMap(({ step }) =>
    step.kind === 'await-ready' ? [step.log.wal] : [],
  );
  t.deepEqual(awaited, [IN_DATA]);
  const removed = placed(first?.lanes ?? []).flatMap(({ step }) =>
    step.kind === 'remove' ? [step.paths, step.because] : [],
  );
  t.deepEqual(removed, [[`${moved.from}.former`, DATA_NOTE], `its data is in ${IS}`]);
  const starts = placed(waves.flatMap(({ lanes }) => lanes)).filter(
    ({ step }) => 'emptyStart' in step,
  );
  t.deepEqual(starts, []);
  const [prepared] = placed(waves[0]?.lanes ?? []).flatMap(({ step }) =>
    step.kind === 'prepare-host' ? [step] : [],
  );
  t.deepEqual(
    prepared?.directories.map(({ path, whole }) => [path, whole]),
    [
      ['/etc/etcd', undefined],
      [WAS, undefined],
      [IS, undefined],
    ],
  );
  t.is(prepared?.because, `${IS} is missing`);
  t.true(
    describePlan(planCluster(there(), elsewhere(settled(inData)), UP)).includes(
      `stop etcd.service, move its data from ${WAS} to ${IS}, start it`,
    ),
  );
});

test('planCluster() moves data and then a log in or out of it', (t) => {
  const W = '/srv/log';
  const movesOf = (desired: Parameters<typeof planCluster>[0], facts: SeenFacts) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(refusals, []);
    const [first] = waves.filter(({ turn }) => turn !== undefined);
    const awaited = placed(first?.undo ?? []).flatMap(({ step }) =>
      step.kind === 'await-ready' ? [step.log.wal] : [],
    );
    return [movesIn(first?.lanes ?? []), movesIn(first?.undo ?? []), awaited];
  };
  const home = ({ members }: SeenFacts): SeenFacts => ({
    ...settled(inData),
    members: new Map(
      [...members].map(([name, found]) => [
        name,
        'unreachable' in found
          ? found
          : { ...found, walHome: { mode: 0o700, owner: 'etcd:etcd', entries: [] } },
      ]),
    ),
  });
  const out = { of: 'log', from: `${IS}/member/wal`, to: `${W}/wal` } as const;
  t.deepEqual(movesOf(there(W), home(elsewhere(settled(inData)))), [
    [moved, out],
    [
      { of: 'log', from: out.to, to: out.from },
      { of: 'data', from: moved.to, to: moved.from },
    ],
    [IN_DATA],
  ]);
  const inwards = elsewhere(settled(apart), {}, { logAt: `${W}/wal`, logBytes: 128e6 });
  t.deepEqual(movesOf(there(), inwards), [
    [moved, { of: 'log', from: out.to, to: out.from }],
    [out, { of: 'data', from: moved.to, to: moved.from }],
    [`${W}/wal`],
  ]);
  // It stays where it is.
  t.deepEqual(movesOf(there(W), elsewhere(settled(apart), {}, {})), [
    [moved],
    [{ of: 'data', from: moved.to, to: moved.from }],
    [`${W}/wal`],
  ]);
});

test('planCluster() finishes a move of data that was killed, and never begins with none', (t) => {
  const note: MoveNote = { from: moved.from, to: moved.to, content: 'of an earlier version' };
  const written = elsewhere(settled(there()), { isTaken: true });
  const off = butAll(written, (found) => ({ ...stopped(found), dataMove: note }));
  const { waves, refusals } = planCluster(there(), off, UP);
  t.deepEqual(refusals, []);
  const steps = placed(waves.flatMap(({ lanes }) => lanes)).map(({ step }) => step);
  t.deepEqual(
    movesIn(waves.flatMap(({ lanes }) => lanes)),
    [1, 2, 3].map(() => ({ ...moved, isBegun: true })),
  );
  t.deepEqual(
    steps.filter((step) => 'emptyStart' in step),
    [],
  );
  // Only what was copied is left.
  const left = but(settled(there()), 'etcd02', () => ({ dataMove: note }));
  t.deepEqual(
    planCluster(there(), left, UP).waves.flatMap(({ lanes }) =>
      placed(lanes).flatMap(({ step }) => (step.kind === 'remove' ? step.paths : [step.kind])),
    ),
    [
      `${moved.from}.former`,
      `${moved.from}.part`,
      `${moved.to}.former`,
      `${moved.to}.part`,
      DATA_NOTE,
    ],
  );
  // Its disk is not mounted: nothing is where the unit says, and nothing where the inventory does.
  const gone = butAll(settled(inData), (found) => ({ ...stopped(found), data: undefined }));
  t.deepEqual(
    planCluster(there(), gone, UP).refusals.map(({ sentence, next }) => [sentence, nextText(next)]),
    [
      [
        `etcd01, etcd02, etcd03: were made with etcd.paths.data ${WAS}; the inventory says ${IS}`,
        `put etcd.paths.data: ${WAS} back into the inventory; up moves data that it finds where the unit says: is a disk not mounted?`,
      ],
    ],
  );
});

test('planCluster() says why data cannot be moved, before anybody is stopped', (t) => {
  const says = (more: Partial<DataElsewhere>, facts = settled(inData)) =>
    planCluster(there(), elsewhere(facts, more), UP).refusals.map(({ sentence }) => sentence);
  const keep = `etcd01, etcd02, etcd03: keep their data in ${WAS}; the inventory says ${IS} (etcd.paths.data)`;
  t.deepEqual(says({ isTaken: true }), [`${keep}, and other data is there`]);
  t.deepEqual(says({ isSame: true }), [`${keep}, which leads to the same directory`]);
  t.deepEqual(says({ isNested: true }), [`${keep}, and one lies in the other`]);
  t.deepEqual(says({ fixed: IN_DATA }), [
    `${keep}, and ${IN_DATA} is a link or a mount point of its own`,
  ]);
  t.deepEqual(says({ at: '/by/hand' }), [
    `etcd01, etcd02, etcd03: keep their data in /by/hand (ETCD_DATA_DIR), and provision has not put it there; the inventory says ${IS} (etcd.paths.data)`,
  ]);
  const wanted = (...entries: readonly string[]) => ({
    wanted: { mode: 0o755, owner: 'root:root', entries },
  });
  t.deepEqual(
    says(wanted('lost+found', 'note')),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) => `${name}: ${IS} is not a data directory of etcd, and not empty: note`,
    ),
  );
  t.deepEqual(says(wanted('lost+found')), []);
  const narrow = butAll(settled(inData), ({ disks }) => ({
    disks: [{ path: IS, writable: true, bytes: 300e6, inodes: undefined }, ...disks],
  }));
  t.deepEqual(
    says({}, narrow),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `${name}: the disk of the data directory has too little room for the data that is moved there: 286 MiB are free, 837 MiB are needed`,
    ),
  );
  // One name is changed for the other.
  t.deepEqual(says({ isOnDisk: true }, narrow), []);
  const inMemory = butAll(settled(inData), ({ disks }) => ({
    disks: [{ path: IS, writable: true, bytes: 9e9, inodes: undefined, isMemory: true }, ...disks],
  }));
  t.deepEqual(
    says({}, inMemory),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `${name}: ${IS} is in memory (tmpfs): a reboot would end the data that is moved there`,
    ),
  );
  t.deepEqual(says({ isOnDisk: true }, inMemory), []);
});

test('planCluster() asks one disk for room for data and log together', (t) => {
  const desired = wanted(3, {
    etcd: { version: '3.5.30', paths: { data: IS, wal: '/data/log' } },
  });
  const facts = (bytes: number, fileSystem: string) =>
    butAll(elsewhere(settled(apart), {}, { logAt: '/srv/log/wal', logBytes: 300e6 }), (found) => ({
      disks: [
        { path: IS, writable: true, bytes, inodes: undefined, fileSystem: 'a1' },
        { path: '/data/log/wal', writable: true, bytes, inodes: undefined, fileSystem },
        ...found.disks,
      ],
    }));
  const kinds = (...given: Parameters<typeof facts>) =>
    planCluster(desired, facts(...given), UP).refusals.map(({ kind }) => kind);
  t.deepEqual(kinds(1.1e9, 'b2'), []);
  t.deepEqual(kinds(1.1e9, 'a1'), ['no-space', 'no-space', 'no-space']);
  t.deepEqual(kinds(1.5e9, 'a1'), []);
});

test('what only up moves is refused by all others, with the command that moves it', (t) => {
  const { refusals } = planDown(there(), elsewhere(settled(inData)), true);
  t.deepEqual(
    refusals.map(({ sentence, next }) => [sentence, nextText(next)]),
    [
      [
        `etcd01, etcd02, etcd03: keep their data in ${WAS}; the inventory says ${IS} (etcd.paths.data)`,
        'have it moved first, by an inventory that changes nothing else: provision up INVENTORY; or put etcd.paths.data back as it was',
      ],
    ],
  );
  t.deepEqual(conclude(doctorInput(there(), elsewhere(settled(inData)))).findings, []);
});

test('up --wipe moves data aside from where it is', (t) => {
  const { waves, refusals } = planCluster(there(), elsewhere(settled(inData)), {
    ...UP,
    wipe: true,
  });
  t.deepEqual(refusals, []);
  const steps = placed(waves.flatMap(({ lanes }) => lanes)).map(({ step }) => step);
  t.deepEqual(
    steps.flatMap((step) => (step.kind === 'move-aside' ? [[step.path, step.logs]] : [])),
    [1, 2, 3].map(() => [IS, [WAS]]),
  );
});

test('a move of data that was cut off is told of, finished, or taken back with its inventory', (t) => {
  const note: MoveNote = {
    ...{ from: moved.from, to: moved.to, content: 'of an earlier version' },
    isCopied: true,
  };
  // By the files of the host the data is moved already, and all files are those of the new place.
  const cut = (facts: SeenFacts) =>
    but(facts, 'etcd02', (found) => ({
      ...stopped(found),
      dataMove: note,
      unitFile: settled(there()).members.get('etcd02')?.unitFile,
      conf: settled(there()).members.get('etcd02')?.conf,
    }));
  const told = (...[desired, facts]: Parameters<typeof doctorInput>) =>
    conclude(doctorInput(desired, facts)).findings.map(({ sentence }) => sentence);
  const said = `a run that was to move its data from ${WAS} to ${IS} was cut off; its data is in ${WAS}`;
  const forth = elsewhere(cut(settled(inData)));
  t.deepEqual(told(there(), forth), [said]);
  const back = cut(settled(inData));
  t.deepEqual(told(inData, back), [said]);
  const { waves, refusals } = planCluster(inData, back, UP);
  t.deepEqual(refusals, []);
  t.deepEqual(movesIn(waves.flatMap(({ lanes }) => lanes)), []);
  // The copy goes that lies where it was to be moved to.
  const removed = waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ step }) => (step.kind === 'remove' ? step.paths : [])),
  );
  t.deepEqual([removed[0], removed.at(-1)], [moved.to, DATA_NOTE]);
  // Nothing is said of it where the member would find its data.
  const { unitFile, conf } = settled(inData).members.get('etcd02') ?? {};
  t.deepEqual(
    told(
      inData,
      but(back, 'etcd02', () => ({ unitFile, conf })),
    ).filter((one) => one === said),
    [],
  );
});

test('what an earlier move left goes before the next one, and with it where it lies in the data', (t) => {
  const W = '/srv/log/wal';
  const dataNote: MoveNote = { from: '/old/member', to: moved.from, content: 'data' };
  const logNote: MoveNote = { from: IN_DATA, to: W, content: 'log' };
  const facts = butAll(elsewhere(settled(apart), {}, { logAt: W, logBytes: 128e6 }), () => ({
    dataMove: dataNote,
    logMove: logNote,
  }));
  const removedBy = (one: SeenFacts) => {
    const { waves } = planCluster(there(), one, UP);
    const lanes = waves.find(({ lanes }) => movesIn(lanes).length > 0)?.lanes ?? [];
    const [first = ''] = placed(lanes).map(({ place }) => place);
    return placed(lanes)
      .filter(({ place }) => place === first)
      .flatMap(({ step }): readonly (readonly string[])[] =>
        step.kind === 'remove' ? [step.paths] : step.kind === 'restart-unit' ? [['restart']] : [],
      );
  };
  const [before, restart, after = []] = removedBy(facts);
  t.deepEqual(before, [
    ...['/old/member.former', '/old/member.part', `${moved.from}.former`, `${moved.from}.part`],
    ...[`${IN_DATA}.former`, `${IN_DATA}.part`, `${W}.former`, `${W}.part`],
    ...[DATA_NOTE, NOTE],
  ]);
  t.deepEqual(restart, ['restart']);
  t.true(after.includes(`${moved.from}.former`));
  t.true(after.includes(`${IS}/member/wal.former`));
});

test('planCluster() clears the copy of before, where a move was cut off between two names and the member started since', (t) => {
  const dataMove: MoveNote = {
    ...{ from: '/var/lib/etcd/member', to: '/srv/data/member', content: 'of an earlier run' },
    isCopied: true,
  };
  const moved = wanted(3, { etcd: { version: '3.5.30', paths: { data: '/srv/data' } } });
  const { waves } = planCluster(
    moved,
    but(settled(moved), 'etcd02', () => ({ dataMove })),
    UP,
  );
  const removed = waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ step }) => (step.kind === 'remove' ? step.paths : [])),
  );
  t.is(removed[0], '/var/lib/etcd/member');
  // What is not seen to be a copy may be another cluster's by now.
  const { isCopied: _, ...unproven } = dataMove;
  const left = planCluster(
    moved,
    but(settled(moved), 'etcd02', () => ({ dataMove: unproven })),
    UP,
  ).waves.flatMap(({ lanes }) =>
    placed(lanes).flatMap(({ step }) => (step.kind === 'remove' ? step.paths : [])),
  );
  t.false(left.includes('/var/lib/etcd/member'));
  t.is(removed.at(-1), '/var/lib/provision/etcd.data-move');
  // By the inventory of before it goes back, over the copy that was not used since.
  const back = wanted(3, { etcd: { version: '3.5.30' } });
  const elsewhere: DataElsewhere = {
    ...{ at: '/srv/data', bytes: 1e6, isTaken: true },
    wanted: { mode: 0o700, owner: 'etcd:etcd', entries: ['member'] },
  };
  const found = settled(back).members.get('etcd02');
  if (found?.data === undefined) throw new TypeError('a member with data');
  t.deepEqual(placeMovesOf(back, { ...found, dataMove, data: { ...found.data, elsewhere } }), [
    { of: 'data', from: '/srv/data/member', to: '/var/lib/etcd/member', isBegun: true },
  ]);
});

const exact = (walDirectory: string) =>
  wanted(3, { etcd: { version: '3.5.30', paths: { walDirectory } } });

test('planCluster() moves a log from the very directory it lies in to one around it, and back', (t) => {
  const [own, around] = [exact('/fast/log'), etcd('/srv/log')];
  // Where it is to go nothing is yet.
  const goesFrom = (facts: SeenFacts, logAt: string) =>
    butAll(lookedAtBy(facts, logAt), () => ({ walHome: undefined }));
  const there = planCluster(around, goesFrom(settled(own), '/fast/log'), UP);
  t.deepEqual(there.refusals, []);
  t.deepEqual(movesIn(there.waves.flatMap(({ lanes }) => lanes))[0], {
    ...{ of: 'log', from: '/fast/log', to: '/srv/log/wal' },
  });
  const back = planCluster(own, goesFrom(settled(around), '/srv/log/wal'), UP);
  t.deepEqual(back.refusals, []);
  t.deepEqual(movesIn(back.waves.flatMap(({ lanes }) => lanes))[0], {
    ...{ of: 'log', from: '/srv/log/wal', to: '/fast/log' },
  });
});

test('planCluster() moves no log into itself, and none that is a mount point', (t) => {
  const own = butAll(settled(exact('/fast/log')), () => ({ walHome: undefined }));
  const kinds = (wal: string, more: Partial<DataFact> = {}) =>
    planCluster(etcd(wal), lookedAtBy(own, '/fast/log', more), UP).refusals.map(
      ({ sentence }) => sentence,
    );
  t.deepEqual(kinds('/fast/log'), [
    'etcd01, etcd02, etcd03: keep their write-ahead log in /fast/log; the inventory says /fast/log/wal (etcd.paths.wal), and one lies in the other',
  ]);
  t.deepEqual(kinds('/srv/log', { logFixed: '/fast/log' }), [
    'etcd01, etcd02, etcd03: keep their write-ahead log in /fast/log; the inventory says /srv/log/wal (etcd.paths.wal), and /fast/log is a link or a mount point of its own',
  ]);
});
