import test from 'ava';
import { observed } from '../../src/observed/observed.ts';
import { listAccess } from '../../src/plan/carried.ts';
import { allWell } from '../../src/plan/gate.ts';
import { onHost } from '../../src/plan/lane.ts';
import { inGivenOrder, leaderLast, rolling, type Turn } from '../../src/plan/rolling.ts';
import type { HostStep } from '../../src/plan/step.ts';
import { together } from '../../src/plan/together.ts';
import { undoOf } from '../../src/plan/undo.ts';
import { but, hanging, settled, wanted } from './facts.ts';

const three = await wanted();
const because = 'a test wants it';
const stop: HostStep = { kind: 'stop-unit', unit: 'etcd', because };
const start: HostStep = { kind: 'start-unit', unit: 'etcd', because };
const restart: HostStep = { kind: 'restart-unit', unit: 'etcd', because };
const AMONG = ['etcd01', 'etcd02', 'etcd03'];

const turnOf = ({ name }: { readonly name: string }): Turn => ({
  title: `change ${name}`,
  steps: name === 'etcd02' ? [] : [stop],
  undo: name === 'etcd03' ? [start] : [],
});

test('rolling() makes one wave a member, with the others before it, all behind it and its way back', (t) => {
  const { members } = observed(three, settled(three));
  t.deepEqual(rolling(members, turnOf, { among: AMONG, order: leaderLast }), [
    {
      title: 'change etcd03',
      turn: { number: 1, of: 2 },
      before: allWell(['etcd01', 'etcd02']),
      lanes: [onHost('etcd03', [stop])],
      gate: allWell(AMONG),
      undo: [onHost('etcd03', [start])],
    },
    {
      title: 'change etcd01',
      turn: { number: 2, of: 2 },
      before: allWell(['etcd02', 'etcd03']),
      lanes: [onHost('etcd01', [stop])],
      gate: allWell(AMONG),
      undo: [],
    },
  ]);
});

test('rolling() takes turns as it is told, and asks those alone that count', (t) => {
  const { members } = observed(three, settled(three));
  const order = (all: typeof members) => all.toReversed();
  const waves = rolling(members, turnOf, { among: ['etcd01'], order });
  t.deepEqual(
    waves.map(({ title, before, gate }) => [title, before, gate]),
    [
      ['change etcd03', allWell(['etcd01']), allWell(['etcd01'])],
      ['change etcd01', [], allWell(['etcd01'])],
    ],
  );
});

test('rolling() waits behind a turn for what that turn wants beside it', (t) => {
  const { members } = observed(three, settled(three));
  const own = { kind: 'caught-up', members: ['etcd01'], within: 1 } as const;
  const waves = rolling(members, (member) => ({ ...turnOf(member), gate: [own] }), {
    among: ['etcd01'],
    order: leaderLast,
  });
  t.deepEqual(
    waves.map(({ before, gate }) => [before, gate]),
    [
      [allWell(['etcd01']), [...allWell(['etcd01']), own]],
      [[], [...allWell(['etcd01']), own]],
    ],
  );
});

test('rolling() asks behind a way back only that all are well: what the turn was for is not so then', (t) => {
  const own = { kind: 'caught-up', members: ['etcd01'], within: 1 } as const;
  const waves = rolling(
    [{ name: 'etcd01' }, { name: 'etcd03' }],
    (member) => ({ ...turnOf(member), gate: [own] }),
    { among: ['etcd01'], order: inGivenOrder },
  );
  t.deepEqual(
    waves.map(({ undo, undone }) => [undo.length, undone]),
    [
      [0, undefined],
      [1, allWell(['etcd01'])],
    ],
  );
});

test('rolling() asks others for each member, and keeps where a turn is done and from where on nothing is put back', (t) => {
  const waves = rolling(
    [{ name: 'etcd04' }, { name: 'etcd05' }],
    ({ name }) => ({
      title: `add ${name}`,
      host: 'etcd01',
      steps: name === 'etcd04' ? [stop, start] : [start],
      undo: [stop],
      undone: ['etcd01'],
      pointOfNoReturn: 'stop-unit',
    }),
    {
      among: ({ name }) => (name === 'etcd04' ? ['etcd01', name] : ['etcd01', 'etcd04', name]),
      order: inGivenOrder,
    },
  );
  const lanes = (...steps: readonly HostStep[]) => [onHost('etcd01', steps)];
  t.deepEqual(waves, [
    {
      title: 'add etcd04',
      turn: { number: 1, of: 2 },
      before: allWell(['etcd01']),
      lanes: lanes(stop, start),
      gate: allWell(['etcd01', 'etcd04']),
      undo: lanes(stop),
      undone: allWell(['etcd01']),
      pointOfNoReturn: 'stop-unit',
    },
    {
      title: 'add etcd05',
      turn: { number: 2, of: 2 },
      before: allWell(['etcd01', 'etcd04']),
      lanes: lanes(start),
      gate: allWell(['etcd01', 'etcd04', 'etcd05']),
      undo: lanes(stop),
      undone: allWell(['etcd01']),
    },
  ]);
});

test('leaderLast() begins with members that do not answer, although one led', (t) => {
  const names = (facts: ReturnType<typeof settled>) =>
    leaderLast(observed(three, facts).members).map(({ name }) => name);
  t.deepEqual(names(settled(three)), ['etcd02', 'etcd03', 'etcd01']);
  t.deepEqual(names(but(settled(three), 'etcd03', hanging)), ['etcd03', 'etcd02', 'etcd01']);
});

test('together() makes one wave of all that have something to do, or none', (t) => {
  const lanes = [onHost('etcd01', [start]), onHost('etcd02', [])];
  t.deepEqual(together('start', lanes, { among: AMONG }), [
    { title: 'start', lanes: lanes.slice(0, 1), gate: allWell(AMONG), undo: [] },
  ]);
  t.deepEqual(together('start', lanes.slice(1), { among: AMONG }), []);
});

const found = settled(three).members.get('etcd02');
const conf = { path: three.paths.confFile, content: 'new', mode: 0o644, owner: 'root:root' };
const former = { ...conf, content: 'old' };
const write = (before: string | undefined): HostStep => ({
  kind: 'write-files',
  files: [{ file: conf, before, because }],
  because,
});
const link: HostStep = {
  kind: 'point-link',
  link: three.paths.current,
  target: '/opt/new',
  because,
};
const move: HostStep = {
  ...{ kind: 'update-peer-urls', id: 'a', via: 'etcd01', list: listAccess(three), because },
  ...{ from: ['http://a'], to: ['https://a'] },
};
const failed = 'the change failed';

test('undoOf() puts back URLs, files and link in that order, and restarts what was restarted', (t) => {
  t.deepEqual(undoOf(three, [link, write('old'), move, restart], found), [
    { ...move, from: ['https://a'], to: ['http://a'], because: failed },
    {
      kind: 'write-files',
      files: [{ file: former, before: 'new', because: failed }],
      because: failed,
    },
    {
      ...{ kind: 'point-link', link: three.paths.current, because: failed },
      target: three.paths.binaries,
    },
    { kind: 'enable-unit', unit: 'etcd', because: 'its file is the former one again' },
    { kind: 'restart-unit', unit: 'etcd', because: failed },
    {
      ...{ kind: 'await-ready', unit: 'etcd', because: 'it was ready before' },
      log: { cluster: 'prod', wal: three.paths.wal, record: three.paths.incarnation },
    },
  ]);
});

test('undoOf() puts URLs back last where nobody takes them before the member runs again', (t) => {
  const kinds = (members: number) =>
    undoOf(
      three,
      [write('old'), { ...move, list: listAccess(wanted(members)) }, restart],
      found,
    ).map(({ kind }) => kind);
  const rest = ['write-files', 'enable-unit', 'restart-unit', 'await-ready'];
  t.deepEqual(kinds(1), [...rest, 'update-peer-urls']);
  t.deepEqual(kinds(2), [...rest, 'update-peer-urls']);
  t.deepEqual(kinds(3), ['update-peer-urls', ...rest]);
});

test('undoOf() has nothing to put back where nothing was there, and restarts nobody for it', (t) => {
  t.deepEqual(undoOf(three, [write(undefined), restart], found), []);
  t.deepEqual(undoOf(three, [link, restart], undefined), []);
});
