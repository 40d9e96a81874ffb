import test from 'ava';
import { type Boot, planBoot } from '../../src/plan/boot.ts';
import { nextText } from '../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  conf,
  dataOf,
  emptyData,
  FRESH,
  type SeenFacts,
  settled,
  stopped,
  TOKEN,
  wanted,
  written,
} from './facts.ts';

const three = wanted();
const matching = settled(three);
const off = butAll(matching, stopped);
/** Everybody has the configuration and the data of a first start that may not have reached its quorum. */
const starting = butAll(off, (_, name) => ({ conf: conf(three, name, 'new') }));

const WHOSE =
  "find out whose it is before anything else: systemctl list-unit-files '*etcd*' and /var/lib/provision/history.jsonl on etcd02 name what ran there; up with its inventory goes on with it; if the path is wrong, correct etcd.paths.data in INVENTORY";
const LOST_FOR_GOOD = 'mount the disk of etcd02, then: provision up INVENTORY';
const WITHOUT_IT = `${LOST_FOR_GOOD}; or without etcd02, start the others: provision up INVENTORY --limit etcd01,etcd03`;
const WHILE_OTHERS_ANSWER = `${LOST_FOR_GOOD}; or if etcd02 is lost for good: provision member replace INVENTORY etcd02; or while etcd02 is away, keep the others running, and save what they hold: provision snapshot save INVENTORY`;

const boots = test.macro((t, facts: SeenFacts, expected: Omit<Boot, 'refusals'>) => {
  t.deepEqual(planBoot(three, facts, FRESH), { ...expected, refusals: [] });
});

const refuses = test.macro((t, facts: SeenFacts, ...expected: readonly string[]) => {
  const { refusals } = planBoot(three, facts, FRESH);
  t.deepEqual(
    refusals.flatMap(({ sentence, next }) => [sentence, nextText(next)]),
    expected,
  );
});

test('planBoot() takes a fresh token for bare machines', boots, bare(three), {
  token: FRESH,
  formed: false,
});

test(
  'planBoot() keeps the token one host has already',
  boots,
  but(bare(three), 'etcd03', () => ({ conf: conf(three, 'etcd03', 'new') })),
  { token: TOKEN, formed: false },
);

test('planBoot() goes on with a first start whose members have data', boots, starting, {
  token: TOKEN,
  formed: false,
});

test('planBoot() knows an existing cluster by its configuration', boots, off, {
  token: TOKEN,
  formed: true,
});

test(
  'planBoot() knows an existing cluster by one host where it was recorded',
  boots,
  but(starting, 'etcd02', () => ({ conf: conf(three, 'etcd02', 'existing') })),
  { token: TOKEN, formed: true },
);

test(
  'planBoot() knows an existing cluster by members that all published themselves',
  boots,
  butAll(matching, (_, name) => ({ conf: conf(three, name, 'new') })),
  { token: TOKEN, formed: true },
);

const twoOfThree = butAll(starting, (_, name) => {
  if (name === 'etcd03') return { data: emptyData };
  const { etcd, unit } = matching.members.get(name) ?? {};
  if (etcd?.members === undefined || unit === undefined) throw new TypeError(name);
  const members = etcd.members.members.map((member) =>
    member.name === 'etcd03' ? { ...member, clientUrls: [] } : member,
  );
  return { unit, etcd: { ...etcd, members: { ...etcd.members, members } } };
});

test(
  'planBoot() lets a member start again that never published itself, though it has a name in the list',
  boots,
  twoOfThree,
  { token: TOKEN, formed: false },
);

test(
  'planBoot() refuses data that nobody knows',
  refuses,
  but(bare(three), 'etcd02', () => ({ data: dataOf(three, 'etcd02', 'other') })),
  'etcd02: /var/lib/etcd holds 60.0 MiB of data of a cluster that nobody here names (cluster id 7eaa42772fff9c79), last written 2026-11-21T11:01:00.000Z',
  WHOSE,
);

test(
  'planBoot() refuses data whose log cannot be read',
  refuses,
  but(bare(three), 'etcd02', () => ({
    data: { ...dataOf(three, 'etcd02'), bytes: 0, modifiedAt: 0, wal: undefined },
  })),
  'etcd02: /var/lib/etcd holds 0.0 MiB of data of a cluster that nobody here names, last written at an unknown time',
  WHOSE,
);

test(
  'planBoot() takes the data for nobody whose configuration names another directory',
  refuses,
  but(bare(three), 'etcd02', () => ({
    conf: written(
      '# provision: cluster staging, member etcd02\nETCD_DATA_DIR="/var/lib/etcd-staging"\n',
    ),
    data: dataOf(three, 'etcd02', 'other'),
  })),
  'etcd02: /var/lib/etcd holds 60.0 MiB of data of a cluster that nobody here names (cluster id 7eaa42772fff9c79), last written 2026-11-21T11:01:00.000Z',
  WHOSE,
);
test(
  'planBoot() refuses the data of another cluster of ours',
  refuses,
  but(bare(three), 'etcd02', () => ({
    conf: written('# provision: cluster staging, member etcd02\nETCD_DATA_DIR="/var/lib/etcd"\n'),
    data: dataOf(three, 'etcd02', 'other'),
  })),
  'etcd02: /var/lib/etcd holds 60.0 MiB of data of cluster staging (cluster id 7eaa42772fff9c79), last written 2026-11-21T11:01:00.000Z',
  'if staging is meant, use its inventory; else correct etcd.paths.data in INVENTORY',
);

test(
  'planBoot() refuses a directory that holds something else',
  refuses,
  but(bare(three), 'etcd01', () => ({
    data: {
      ...emptyData,
      owner: 'postgres:postgres',
      entries: ['base', 'global', 'lost+found', 'pg_wal', 'pg_xact'],
    },
  })),
  'etcd01: /var/lib/etcd is not a data directory of etcd, and not empty: base, global, pg_wal, …',
  'set etcd.paths.data to a directory of its own, or move away by hand what is in it on etcd01',
);

test(
  'planBoot() takes an empty file system, and one where data was moved aside',
  boots,
  but(bare(three), 'etcd01', () => ({
    data: { ...emptyData, entries: ['lost+found', 'aside-20261121T120000Z'] },
  })),
  { token: FRESH, formed: false },
);

test(
  'planBoot() refuses data of a first start with another inventory',
  refuses,
  but(starting, 'etcd02', () => ({ data: dataOf(wanted(2), 'etcd02') })),
  'the data directories belong to different clusters: etcd01 has e408d778c4a7c321, etcd02 has 1a8178c0c3e15641, etcd03 has e408d778c4a7c321; etcd02 differs from etcd01, etcd03; the log recorded for etcd02 was of e408d778c4a7c321',
  'find out which one is the cluster: provision status INVENTORY shows who answers; move nothing before',
  'etcd02: /var/lib/etcd belongs to cluster 1a8178c0c3e15641, but a first start with this inventory makes e408d778c4a7c321',
  'put the former inventory back',
);

test(
  'planBoot() refuses a disk and its copy',
  refuses,
  but(off, 'etcd02', () => ({ data: dataOf(three, 'etcd01') })),
  'etcd01 and etcd02 hold the data of one and the same member be85105f1dfc2c79: a copy of a disk must never run beside its original',
  'start neither before it is known which one is the original: it is the one whose address is in the member list',
);

test(
  'planBoot() has the copy of a disk begin again where the list tells which one it is',
  refuses,
  but(matching, 'etcd02', (found) => ({ ...stopped(found), data: dataOf(three, 'etcd01') })),
  'etcd01 and etcd02 hold the data of one and the same member be85105f1dfc2c79: a copy of a disk must never run beside its original',
  'what etcd02 has is the copy: let it begin again with what the others hold; its data is moved aside: provision member replace INVENTORY etcd02; or start neither before it is known which one is the original: it is the one whose address is in the member list',
);

test(
  'planBoot() refuses a member whose data is gone',
  refuses,
  but(off, 'etcd02', () => ({ data: emptyData })),
  'etcd02: its data is gone (/var/lib/etcd is empty) although it was a member; is a disk not mounted?',
  WITHOUT_IT,
);

/** etcd02 has lost its data, and the others list it as it is given. */
const listedAs = (changes: { readonly name: string; readonly clientUrls: readonly string[] }) =>
  butAll(matching, (found, name) => {
    if (name === 'etcd02') return { ...stopped(found), data: emptyData };
    const { members } = found.etcd;
    const change = (member: NonNullable<typeof members>['members'][number]) =>
      member.name === 'etcd02' ? { ...member, ...changes } : member;
    const listed = members && { ...members, members: members.members.map(change) };
    return { etcd: { ...found.etcd, members: listed } };
  });

test(
  'planBoot() lets a member without data start that was added again and has never started',
  boots,
  listedAs({ name: '', clientUrls: [] }),
  { token: TOKEN, formed: true },
);

test(
  'planBoot() refuses a member without data that is listed as one that has started',
  refuses,
  listedAs({ name: 'etcd02', clientUrls: ['https://198.18.0.12:2379'] }),
  'etcd02: its data is gone (/var/lib/etcd is empty) although it was a member; is a disk not mounted?',
  WHILE_OTHERS_ANSWER,
);

test(
  'planBoot() refuses a member whose data directory is gone',
  refuses,
  but(off, 'etcd02', () => ({ data: undefined })),
  'etcd02: its data is gone (/var/lib/etcd is missing) although it was a member; is a disk not mounted?',
  WITHOUT_IT,
);

test(
  'planBoot() refuses a member whose log is gone, since it would start with an empty one',
  refuses,
  but(off, 'etcd02', () => ({
    data: { ...dataOf(three, 'etcd02'), hasLog: false, wal: undefined },
  })),
  'etcd02: its write-ahead log is gone (/var/lib/etcd/member/wal is missing or empty) although it was a member; is a disk not mounted?',
  WITHOUT_IT,
);

test(
  'planBoot() refuses hosts that keep different first starts',
  refuses,
  but(
    butAll(bare(three), (_, name) => ({ conf: conf(three, name, 'new') })),
    'etcd02',
    () => ({ conf: conf(three, 'etcd02', 'new', 'ffff') }),
  ),
  "prod: the hosts' etcd.conf name 2 different first starts (initial-cluster-token f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1, ffff)",
  'put the etcd.conf of the host that differs back to what the others have; or give up what is there: provision up INVENTORY --wipe (moves it aside, deletes nothing)',
);
