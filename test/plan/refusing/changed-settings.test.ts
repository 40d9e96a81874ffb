import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { downRefusals } from '../../../src/plan/down.ts';
import { placed } from '../../../src/plan/lane.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  conf,
  dataOf,
  FRESH,
  notAnswering,
  type SeenFacts,
  settled,
  stopped,
  UP,
  wanted,
} from '../facts.ts';

const three = wanted();
const matching = settled(three);

/** The whole plan is these refusals, each with what to do. */
const refuses = test.macro(
  (t, desired: DesiredCluster, facts: SeenFacts, ...expected: readonly string[]) => {
    const { waves, refusals } = planCluster(desired, facts, UP);
    t.deepEqual(
      refusals.flatMap(({ sentence, next }) => [sentence, nextText(next)]),
      expected,
    );
    t.deepEqual(waves, []);
  },
);

const etcd = (changes: object) => wanted(3, { etcd: { version: '3.5.30', ...changes } });
const back = (setting: string) =>
  `put ${setting} back into the inventory; up does not change it for a member that exists`;
const backData = (path: string) =>
  `put etcd.paths.data: ${path} back into the inventory; up moves data that it finds where the unit says: is a disk not mounted?`;
const wasPlace = (setting: string) =>
  `put ${setting} back into the inventory; up moves a member with its data alone, and while others answer`;
const ALL = 'etcd01, etcd02, etcd03';
const off = butAll(matching, stopped);

/** What a look with other paths sees: nothing where the inventory points to, nor where data was. */
const elsewhere = (facts: SeenFacts, seen: 'data' | 'conf') =>
  butAll(facts, () => ({ [seen]: undefined }));

test(
  'another data directory',
  refuses,
  etcd({ paths: { data: '/data/etcd' } }),
  elsewhere(matching, 'data'),
  `${ALL}: run with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd`,
  backData('/var/lib/etcd'),
);

test(
  'another data directory of a stopped cluster',
  refuses,
  etcd({ paths: { data: '/data/etcd' } }),
  elsewhere(off, 'data'),
  `${ALL}: were made with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd`,
  backData('/var/lib/etcd'),
);

test(
  'another configuration directory',
  refuses,
  etcd({ paths: { conf: '/etc/etcd-new' } }),
  elsewhere(matching, 'conf'),
  `${ALL}: run with etcd.paths.conf /etc/etcd; the inventory says /etc/etcd-new`,
  back('etcd.paths.conf: /etc/etcd'),
);

test(
  'other directories for everything, with one member stopped',
  refuses,
  etcd({ paths: { conf: '/etc/etcd-new', data: '/data/etcd' } }),
  but(elsewhere(elsewhere(matching, 'conf'), 'data'), 'etcd03', stopped),
  `${ALL}: run with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd`,
  backData('/var/lib/etcd'),
  `${ALL}: run with etcd.paths.conf /etc/etcd; the inventory says /etc/etcd-new`,
  back('etcd.paths.conf: /etc/etcd'),
);

test(
  'another account',
  refuses,
  etcd({ user: 'etcd2' }),
  matching,
  `${ALL}: run with etcd.user etcd; the inventory says etcd2`,
  back('etcd.user: etcd'),
);

test(
  'another peer port of a stopped cluster',
  refuses,
  etcd({ ports: { peer: 12380 } }),
  off,
  `${ALL}: were made with etcd.ports.peer 2380; the inventory says 12380`,
  wasPlace('etcd.ports.peer: 2380'),
);

test(
  'another peer port, another data directory and another account at once',
  refuses,
  etcd({ ports: { peer: 12380 }, paths: { data: '/data/etcd' }, user: 'etcd2' }),
  elsewhere(matching, 'data'),
  `${ALL}: run with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd`,
  backData('/var/lib/etcd'),
  `${ALL}: run with etcd.user etcd; the inventory says etcd2`,
  back('etcd.user: etcd'),
  `${ALL}: run with etcd.ports.peer 2380; the inventory says 12380`,
  wasPlace('etcd.ports.peer: 2380'),
);

test(
  'the same while nobody can be asked, for the files to ask with are not where they should be',
  refuses,
  etcd({ ports: { peer: 12380 }, paths: { data: '/data/etcd' } }),
  butAll(elsewhere(matching, 'data'), () => ({ etcd: notAnswering('no such file or directory') })),
  `${ALL}: run with etcd.paths.data /var/lib/etcd; the inventory says /data/etcd`,
  backData('/var/lib/etcd'),
  `${ALL}: run with etcd.ports.peer 2380; the inventory says 12380`,
  wasPlace('etcd.ports.peer: 2380'),
);

const called = (...names: readonly string[]) =>
  wanted(3, {
    members: names.map((name, index) => ({ name, address: `198.18.0.${11 + index}` })),
  });

/** The hosts as they are, found under the names an inventory gives them. */
const found = (desired: DesiredCluster, facts: SeenFacts): SeenFacts => {
  const hosts = [...facts.members.values()];
  const members = desired.members.flatMap(({ name }, index) => {
    const host = hosts[index];
    return host === undefined ? [] : [[name, host] as const];
  });
  return { ...facts, members: new Map(members) };
};

const swapped = called('etcd02', 'etcd01', 'etcd03');
for (const [state, facts, verb] of [
  ['running', matching, 'runs'],
  ['stopped', off, 'has'],
] as const)
  test(
    `the names of two ${state} members exchanged`,
    refuses,
    swapped,
    found(swapped, facts),
    `etcd02: 198.18.0.11 ${verb} member etcd01 of prod; the inventory calls it etcd02`,
    'put the name etcd01 back beside the address 198.18.0.11 in the inventory, and etcd02 beside its own address',
    `etcd01: 198.18.0.12 ${verb} member etcd02 of prod; the inventory calls it etcd01`,
    'put the name etcd02 back beside the address 198.18.0.12 in the inventory, and etcd01 beside its own address',
  );

const renamed = called('etcd01', 'etcd02', 'other');
test(
  'a member with another name',
  refuses,
  renamed,
  found(renamed, matching),
  'other: 198.18.0.13 runs member etcd03 of prod; the inventory calls it other',
  'put the name etcd03 back beside the address 198.18.0.13 in the inventory',
);

const replaced = wanted(3, {
  members: [11, 12, 99].map((last, index) => ({
    name: `etcd0${index + 1}`,
    address: `198.18.0.${last}`,
  })),
});
test(
  'a member at the address of a bare host',
  refuses,
  replaced,
  but(matching, 'etcd03', () => bare(three).members.get('etcd03') ?? {}),
  'etcd03: runs with address 198.18.0.13; the inventory says 198.18.0.99, where nothing of etcd03 is',
  `${wasPlace('address: 198.18.0.13')}; or if etcd03 is to run on another machine: provision member replace INVENTORY etcd03`,
);

const four = wanted(4);
/** The cluster of three, and beside it the bare host of a fourth. */
const beside = (facts: SeenFacts): SeenFacts => ({
  ...facts,
  store: settled(four).store,
  members: new Map([...bare(four).members, ...facts.members]),
});
test(
  'a new member of a stopped cluster',
  refuses,
  four,
  beside(off),
  'etcd04: is new: by etcd.conf of etcd01 the cluster has no member etcd04 at https://198.18.0.14:2380; its members are etcd01, etcd02, etcd03',
  'take etcd04 out of the inventory; or find out whether all members answer',
);

test(
  'a log in a directory that the inventory cannot name',
  refuses,
  three,
  but(matching, 'etcd02', ({ unit }) => ({
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        environment: new Map([...unit.process.environment, ['ETCD_WAL_DIR', '/wal/etcd']]),
      },
    },
  })),
  'etcd02: keeps its write-ahead log in /wal/etcd (ETCD_WAL_DIR); up would start it with /var/lib/etcd/member/wal, where its log is not',
  'leave etcd02 as it is until its log is moved: stop this member alone, move the files in /wal/etcd to /var/lib/etcd/member/wal, where no log may be yet, take ETCD_WAL_DIR away, start it',
);

const plans = test.macro((t, desired: DesiredCluster, facts: SeenFacts) => {
  t.deepEqual(planCluster(desired, facts, UP).refusals, []);
});

/** etcd.conf as it would be but for one line, changed by hand. */
const edited = (facts: SeenFacts, name: string, variable: string, value: string) =>
  but(facts, name, ({ conf: file }) => ({
    conf: file && {
      ...file,
      content: `${file.content.replace(new RegExp(`^${variable}=.*\n`, 'm'), '')}${variable}="${value}"\n`,
    },
  }));

/** What `up` writes again on a host. */
const rewritten = (desired: DesiredCluster, facts: SeenFacts, name: string) => {
  const { waves, refusals } = planCluster(desired, facts, UP);
  const steps = waves.flatMap(({ lanes }) => placed(lanes).filter(({ place }) => place === name));
  return {
    refusals,
    files: steps
      .flatMap(({ step }) => (step.kind === 'write-files' ? step.files : []))
      .map(({ file }) => file.path),
  };
};

for (const [variable, value] of [
  ['ETCD_DATA_DIR', '/var/lib/etcd2'],
  ['ETCD_WAL_DIR', '/wal/etcd'],
  ['ETCD_NAME', 'other'],
  ['ETCD_LISTEN_PEER_URLS', 'https://198.18.0.99:2380'],
] as const)
  for (const [state, facts] of [
    ['runs', matching],
    ['is stopped', but(matching, 'etcd02', stopped)],
    ['is stopped, as the others are', off],
  ] as const)
    test(`${variable} changed by hand on one host is written again while the member ${state}`, (t) =>
      t.deepEqual(rewritten(three, edited(facts, 'etcd02', variable, value), 'etcd02'), {
        refusals: [],
        files: ['/etc/etcd/etcd.conf'],
      }));

/** A log of this owner in the directory that the configuration names. */
const logIn = (facts: SeenFacts, directory: string, clusterId: string) =>
  but(facts, 'etcd02', ({ tenants }) => ({
    tenants: { ...tenants, logs: new Map([[directory, { memberId: '1', clusterId }]]) },
  }));
const wrong = edited(but(matching, 'etcd02', stopped), 'etcd02', 'ETCD_DATA_DIR', '/var/lib/etcd2');

test('another cluster in the directory that a hand wrote into the configuration is left alone', (t) =>
  t.deepEqual(rewritten(three, logIn(wrong, '/var/lib/etcd2', 'abc'), 'etcd02'), {
    refusals: [],
    files: ['/etc/etcd/etcd.conf'],
  }));

test(
  'data of the member in the directory that its configuration names',
  refuses,
  three,
  logIn(wrong, '/var/lib/etcd2', dataOf(three, 'etcd02').wal.clusterId),
  'etcd02: was made with etcd.paths.data /var/lib/etcd2; the inventory says /var/lib/etcd',
  backData('/var/lib/etcd2'),
);

test('a member with its configuration changed by hand is purged with its data', (t) => {
  for (const facts of [
    edited(matching, 'etcd02', 'ETCD_DATA_DIR', '/var/lib/etcd2'),
    edited(off, 'etcd02', 'ETCD_DATA_DIR', '/var/lib/etcd2'),
  ])
    t.deepEqual(downRefusals(three, facts, true), []);
});

test('an address changed by hand in the configuration is written again where the data has that of the inventory', (t) => {
  const url = 'https://198.18.0.99:2380';
  const members = [...matching.members.values()][0]?.etcd.members?.members ?? [];
  t.is(members.length, 3);
  const meta = { pageSize: 4096, root: 5, pages: 5 };
  const database = {
    ...{ size: 20_480, meta, index: 12, snapshot: undefined },
    members,
    removed: [],
  };
  const held = butAll(off, () => ({ database }));
  const facts = edited(held, 'etcd02', 'ETCD_INITIAL_ADVERTISE_PEER_URLS', url);
  t.deepEqual(rewritten(three, facts, 'etcd02'), {
    refusals: [],
    files: ['/etc/etcd/etcd.conf'],
  });
});

test(
  'another client port is a rolling change',
  plans,
  etcd({ ports: { client: 12379 } }),
  matching,
);

test('another client port is told of to whom it cuts off', (t) => {
  const served = butAll(matching, ({ unit }) => ({
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        environment: new Map([
          ...unit.process.environment,
          ['ETCD_LISTEN_CLIENT_URLS', 'https://198.18.0.11:2379,https://127.0.0.1:2379'],
        ]),
      },
    },
  }));
  const notes = (desired: DesiredCluster) => planCluster(desired, served, UP).notes ?? [];
  t.deepEqual(notes(etcd({ ports: { client: 12379 } })), [
    'clients are cut off at port 2379 of etcd01, etcd02, etcd03, which listen at 12379 alone then: give them both ports before',
  ]);
  t.deepEqual(notes(etcd({ settings: { 'heartbeat-interval': 200 } })), []);
});

test(
  'another account of a stopped cluster is given its files',
  plans,
  etcd({ user: 'etcd2' }),
  off,
);

test(
  'a first start that has made no data may be begun again with other paths',
  plans,
  etcd({ paths: { data: '/data/etcd' } }),
  butAll(elsewhere(off, 'data'), (_, name) => ({ conf: conf(three, name, 'new') })),
);

test('who gives up all data may begin again with other settings and more members', (t) => {
  const wishes = { freshToken: FRESH, wipe: true, allowDowntime: false };
  const desired = etcd({ ports: { peer: 12380 }, paths: { data: '/data/etcd' } });
  t.deepEqual(planCluster(desired, elsewhere(matching, 'data'), wishes).refusals, []);
  t.deepEqual(planCluster(four, beside(matching), wishes).refusals, []);
  t.is(planCluster(swapped, found(swapped, matching), wishes).refusals.length, 2);
});
