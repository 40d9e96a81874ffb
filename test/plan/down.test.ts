import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import { downRefusals, planDown, planPurge } from '../../src/plan/down.ts';
import { nextText } from '../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  conf as confOf,
  dataOf,
  emptyData,
  type NO_TENANTS,
  placesOf,
  type SeenFacts,
  settled,
  stopped,
  tenantOf,
  tenantsWith,
  wanted,
  written,
} from './facts.ts';
import { outline } from './outline.ts';

const three = wanted();
const matching = settled(three);
const foreignUnit = written('# provision: cluster staging, member etcd02\n[Unit]\n');

const refuses = test.macro(
  (t, facts: SeenFacts, purge: boolean, ...sentences: readonly string[]) => {
    t.deepEqual(
      downRefusals(three, facts, purge).map(({ sentence }) => sentence),
      sentences,
    );
  },
);

test('downRefusals() lets the own cluster go, running or half gone', refuses, matching, true);
test('downRefusals() lets hosts go that have nothing', refuses, bare(three), true);
test(
  'downRefusals() lets a prepared, empty directory go',
  refuses,
  but(bare(three), 'etcd02', () => ({ data: emptyData })),
  true,
);

test(
  'downRefusals() leaves a unit alone that somebody else made',
  refuses,
  but(bare(three), 'etcd02', ({ unit }) => ({ unit: { ...unit, exists: true } })),
  false,
  'etcd02: etcd.service was not made by provision',
);

test(
  'downRefusals() leaves a unit of another cluster alone',
  refuses,
  but(matching, 'etcd02', () => ({ unitFile: foreignUnit })),
  false,
  'etcd02: etcd.service belongs to cluster staging',
);

test('downRefusals() does not stop a part of a cluster that answers', (t) => {
  const two = wanted(2);
  const sentences = (facts: SeenFacts) =>
    downRefusals(two, facts, false).map((one) => one.sentence);
  t.deepEqual(sentences(matching), [
    'the running cluster has a member etcd03 at https://198.18.0.13:2380 that the inventory does not name; it counts: 2 of 3 must answer',
  ]);
  t.deepEqual(sentences(butAll(matching, stopped)), []);
});

const foreign = but(bare(three), 'etcd02', () => ({ data: dataOf(three, 'etcd02', 'other') }));

test('downRefusals() does not look at data that is kept', refuses, foreign, false);

test(
  'downRefusals() purges no data that is not its own',
  refuses,
  foreign,
  true,
  'etcd02: /var/lib/etcd holds 60.0 MiB of data of a cluster that nobody here names (cluster id 7eaa42772fff9c79), last written 2026-11-21T11:01:00.000Z',
);

const bystander = wanted(3, {
  cluster: 'bystander',
  etcd: {
    version: '3.5.30',
    unit: 'etcd-by',
    ports: { client: 2383, peer: 2382 },
    paths: { conf: '/etc/etcd-by', data: '/var/lib/etcd-by' },
  },
});

/** The hosts of prod and bystander, as an inventory with these paths finds them. */
function beside(cluster: typeof three, change: Partial<MemberFacts>): SeenFacts {
  return butAll(bare(cluster), (_, name) => ({
    tenants: tenantsWith(tenantOf(three, name), tenantOf(bystander, name)),
    ...change,
  }));
}

const say = (cluster: typeof three, facts: SeenFacts, purge: boolean) =>
  downRefusals(cluster, facts, purge).map(({ about, sentence, next }) => [
    about,
    sentence,
    nextText(next),
  ]);
const own = settled(three).members.get('etcd01');
const BY = `cluster bystander (etcd-by.service, cluster id ${dataOf(bystander, 'etcd01').wal.clusterId})`;

test('downRefusals() says of the data of another cluster once whose it is', (t) => {
  const cluster = wanted(3, {
    etcd: { version: '3.5.30', paths: { data: '/var/lib/etcd-by' } },
  });
  const { unitFile, unit, conf } = own ?? {};
  const facts = but(
    bare(cluster),
    'etcd01',
    () =>
      ({
        ...{ unitFile, unit, conf, data: dataOf(bystander, 'etcd01') },
        tenants: tenantsWith(tenantOf(three, 'etcd01'), tenantOf(bystander, 'etcd01')),
      }) as Partial<MemberFacts>,
  );
  t.deepEqual(say(cluster, facts, true), [
    [
      ['etcd01'],
      `etcd01: /var/lib/etcd-by belongs to ${BY}`,
      'correct etcd.paths.data in INVENTORY: prod has /var/lib/etcd',
    ],
  ]);
});

test('downRefusals() does not give data to the cluster whose configuration the inventory names', (t) => {
  const cluster = wanted(3, { etcd: { version: '3.5.30', paths: { conf: '/etc/etcd-by' } } });
  const { unitFile, unit, data } = own ?? {};
  const facts = but(
    bare(cluster),
    'etcd01',
    () =>
      ({
        ...{ unitFile, unit, data, conf: confOf(bystander, 'etcd01', 'existing') },
        tenants: tenantsWith(tenantOf(three, 'etcd01'), tenantOf(bystander, 'etcd01')),
      }) as Partial<MemberFacts>,
  );
  t.deepEqual(say(cluster, facts, true), [
    [
      ['etcd01'],
      `etcd01: /etc/etcd-by/etcd.conf is of cluster bystander, and /var/lib/etcd holds 60.0 MiB of data of cluster prod (etcd.service, cluster id ${dataOf(three, 'etcd01').wal.clusterId}), last written 2026-11-21T11:01:00.000Z`,
      'correct etcd.paths.conf in INVENTORY: etcd.service has /etc/etcd',
    ],
  ]);
});

test('downRefusals() knows data by the cluster id of a cluster that runs', (t) => {
  const cluster = wanted(3, { etcd: { version: '3.5.30', paths: { data: '/srv/copy' } } });
  const facts = but(bare(cluster), 'etcd01', () => ({
    data: dataOf(bystander, 'etcd01'),
    tenants: tenantOf(bystander, 'etcd01'),
  }));
  t.deepEqual(say(cluster, facts, true), [
    [
      ['etcd01'],
      `etcd01: /srv/copy holds 60.0 MiB of data of ${BY}, last written 2026-11-21T11:01:00.000Z`,
      'if bystander is meant, use its inventory; else correct etcd.paths.data in INVENTORY',
    ],
  ]);
});

for (const purge of [false, true])
  test(`downRefusals() of the unit of another cluster names the own one, and no path that is right${purge ? ', with --purge' : ''}`, (t) => {
    const cluster = wanted(3, { etcd: { version: '3.5.30', unit: 'etcd-by' } });
    const by = settled(bystander).members.get('etcd01');
    const { unit, unitFile } = by ?? {};
    const facts = but(
      bare(cluster),
      'etcd01',
      () =>
        ({
          ...{ unit, unitFile, data: dataOf(three, 'etcd01'), conf: own?.conf },
          tenants: tenantsWith(tenantOf(three, 'etcd01'), tenantOf(bystander, 'etcd01')),
        }) as Partial<MemberFacts>,
    );
    t.deepEqual(say(cluster, facts, purge), [
      [
        ['etcd01'],
        'etcd01: etcd-by.service belongs to cluster bystander',
        'prod has etcd.service there: put etcd.unit: etcd into INVENTORY',
      ],
    ]);
  });

for (const purge of [false, true])
  test(`downRefusals() does not say that a cluster was stopped which has another unit there${purge ? ', with --purge' : ''}`, (t) => {
    const cluster = wanted(3, {
      cluster: 'bystander',
      etcd: { version: '3.5.30', unit: 'etcd-b' },
    });
    t.deepEqual(say(cluster, beside(cluster, {}), purge), [
      [
        ['etcd01', 'etcd02', 'etcd03'],
        'etcd01, etcd02, etcd03: bystander runs there as etcd-by.service with /var/lib/etcd-by; the inventory says etcd.unit: etcd-b, etcd.paths.data: /var/lib/etcd, etcd.paths.conf: /etc/etcd',
        'put etcd.unit: etcd-by, etcd.paths.data: /var/lib/etcd-by, etcd.paths.conf: /etc/etcd-by back into INVENTORY, and its addresses and ports; or correct cluster, where another one is meant',
      ],
    ]);
  });

test(
  'downRefusals() purges no directory that holds something else',
  refuses,
  but(bare(three), 'etcd02', () => ({ data: { ...emptyData, entries: ['base', 'pg_wal'] } })),
  true,
  'etcd02: /var/lib/etcd is not a data directory of etcd, and not empty: base, pg_wal',
);

test('planDown() stops and disables every member at once, and touches nothing else', (t) => {
  t.deepEqual(outline(planDown(three, matching, false)), [
    'stop and disable',
    '  etcd01 etcd02 etcd03:',
    '    disable-unit (down was asked for)',
  ]);
  t.true(planDown(three, matching, false).stopsAll);
});

test('planDown() purges what is decided for each host, once its unit is stopped', (t) => {
  const { waves } = planDown(three, matching, true);
  const wanted = three.members.map((member) => {
    const found = matching.members.get(member.name);
    if (found === undefined) throw new TypeError('no member');
    return {
      place: 'host',
      host: member.name,
      steps: [
        { kind: 'disable-unit', unit: 'etcd', because: 'down was asked for' },
        {
          kind: 'purge',
          purge: planPurge(three, member, found),
          because: 'a purge was asked for',
        },
      ],
    };
  });
  t.deepEqual(
    waves.map(({ title, lanes }) => ({ title, lanes })),
    [{ title: 'stop, disable and purge', lanes: wanted as never }],
  );
});

test("planDown() has no step where something is not the cluster's own", (t) => {
  const { waves, refusals } = planDown(three, foreign, true);
  t.deepEqual(waves, []);
  t.deepEqual(refusals, downRefusals(three, foreign, true));
});

const events = wanted(3, {
  cluster: 'events',
  etcd: {
    version: '3.5.30',
    unit: 'etcd-events',
    ports: { client: 2383, peer: 2382 },
    paths: { conf: '/etc/etcd-events', data: '/var/lib/etcd-events' },
  },
});

/** What goes and what stays on the first host of a cluster, with somebody else beside it. */
function purged(cluster: typeof three, ...others: readonly (typeof NO_TENANTS)[]) {
  const [member] = cluster.members;
  const facts = settled(cluster);
  const found = member && facts.members.get(member.name);
  if (member === undefined || found === undefined) throw new TypeError('no member');
  const places = new Map([...placesOf(three, 'etcd01'), ...found.places]);
  return planPurge(cluster, member, {
    ...found,
    places,
    tenants: tenantsWith(found.tenants, ...others),
  });
}

const OWN = [
  ...['/etc/etcd-events/snapshot.sh', '/etc/systemd/system/etcd-events-snapshot.service'],
  '/etc/systemd/system/etcd-events-snapshot.timer',
  ...['/etc/etcd-events/maintain.sh', '/etc/systemd/system/etcd-events-maintain.service'],
  ...['/etc/systemd/system/etcd-events-maintain.timer', '/var/lib/etcd-events'],
  '/var/lib/etcd-events.restoring',
  '/var/lib/provision/restore-etcd-events.service.json',
  '/var/lib/provision/etcd-events.incarnation',
];

test('planPurge() removes all of a cluster that is alone', (t) => {
  t.deepEqual(purged(events), {
    ...{ cluster: 'events', bin: '/opt/etcd' },
    timers: ['etcd-events-snapshot.timer', 'etcd-events-maintain.timer'],
    remove: [
      ...OWN,
      '/etc/etcd-events/etcd.conf',
      '/etc/systemd/system/etcd-events.service',
      '/var/lib/provision/restore-events.json',
      '/var/lib/provision/keys/events',
    ],
    pki: '/etc/etcd-events/pki',
    programs: ['/opt/etcd/etcd-events', '/opt/etcd/current', '/opt/etcd/3.5.30'],
    ownLinks: ['/opt/etcd/etcd-events', '/opt/etcd/current'],
    ifEmpty: ['/etc/etcd-events', '/var/lib/provision/keys', '/opt/etcd'],
    kept: [],
  });
});

test('planPurge() leaves the programs that another unit runs, by its link or by its process', (t) => {
  const prod = tenantOf(three, 'etcd01');
  for (const other of [prod, { ...prod, processes: [] }, { ...prod, unitFiles: [], loaded: [] }]) {
    const { programs, kept } = purged(events, other);
    t.deepEqual(
      { programs, kept },
      {
        programs: ['/opt/etcd/etcd-events', '/opt/etcd/current'],
        kept: [{ path: '/opt/etcd/3.5.30', users: ['etcd.service'] }],
      },
    );
  }
});

test('planPurge() leaves the link that a unit of an earlier version of this program runs', (t) => {
  const prod = tenantOf(three, 'etcd01');
  const { programs, kept } = purged(events, {
    ...prod,
    processes: [],
    unitFiles: prod.unitFiles.map(({ path, text }) => ({
      path,
      text: text.replace('/opt/etcd/etcd/', '/opt/etcd/current/'),
    })),
    loaded: [],
    links: new Map([['current', '/opt/etcd/3.5.30']]),
  });
  t.deepEqual(
    { programs, kept },
    {
      programs: ['/opt/etcd/etcd-events'],
      kept: [
        { path: '/opt/etcd/current', users: ['etcd.service'] },
        { path: '/opt/etcd/3.5.30', users: ['etcd.service'] },
      ],
    },
  );
});

test('planPurge() leaves configuration and certificates that another unit shares', (t) => {
  const shared = wanted(3, {
    cluster: 'events',
    etcd: {
      version: '3.5.30',
      unit: 'etcd-events',
      ports: { client: 2383, peer: 2382 },
      paths: { data: '/var/lib/etcd-events' },
    },
  });
  const { remove, pki, ifEmpty, kept } = purged(shared, tenantOf(three, 'etcd01'));
  t.false(remove.includes('/etc/etcd/etcd.conf'));
  t.is(pki, undefined);
  t.deepEqual(ifEmpty, ['/var/lib/provision/keys', '/opt/etcd']);
  t.deepEqual(kept[0], {
    path: '/etc/etcd',
    users: [`cluster prod (etcd.service, cluster id ${dataOf(three, 'etcd01').wal.clusterId})`],
  });
});

test('planPurge() leaves what goes by the name alone where another cluster of that name has a member there', (t) => {
  const namesake = wanted(3, {
    cluster: 'prod',
    etcd: {
      version: '3.5.30',
      unit: 'etcd-events',
      ports: { client: 2383, peer: 2382 },
      paths: { conf: '/etc/etcd-events', data: '/var/lib/etcd-events' },
    },
  });
  const goes = (member: string) =>
    purged(namesake, tenantOf(three, member)).remove.filter((path) =>
      path.startsWith('/var/lib/provision'),
    );
  // The record of a log goes by the unit, which is its own.
  const record = '/var/lib/provision/etcd-events.incarnation';
  const restore = '/var/lib/provision/restore-etcd-events.service.json';
  t.deepEqual(goes('etcd01'), [restore, record]);
  t.deepEqual(goes('etcd02'), [restore, record, '/var/lib/provision/keys/prod/etcd01']);
});
