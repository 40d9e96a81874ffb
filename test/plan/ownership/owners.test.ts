import test from 'ava';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { ownershipRefusals } from '../../../src/plan/ownership/owners.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  bare,
  but,
  butAll,
  dataOf,
  NO_TENANTS,
  placesOf,
  type SeenFacts,
  settled,
  tenantOf,
  wanted,
} from '../facts.ts';

const SEPARATE = {
  unit: 'etcd-events',
  ports: { client: 2383, peer: 2382 },
  paths: { conf: '/etc/etcd-events', data: '/var/lib/etcd-events' },
};

/** The cluster of the other tests, which is up on the same hosts. */
const shop = wanted(3, { cluster: 'shop', etcd: { version: '3.5.30' } });
const SHOP = 'cluster shop (etcd.service, cluster id e408d778c4a7c321)';

/** A cluster on the hosts of shop, which forgets some of what would part them. */
function events(changes: Readonly<Record<string, unknown>> = {}, cluster = 'events') {
  return wanted(3, { cluster, etcd: { version: '3.5.30', ...SEPARATE, ...changes } });
}

/** Its hosts before its first `up`, with shop on them; `change` says how they differ from that. */
function besideShop(
  desired: ReturnType<typeof events>,
  change: (found: MemberFacts, name: string) => Partial<MemberFacts> = () => ({}),
): SeenFacts {
  const both = butAll(bare(desired), (_, name) => ({
    tenants: tenantOf(shop, name),
    places: new Map(
      [...placesOf(shop, name)].filter(([path]) => Object.values(desired.paths).includes(path)),
    ),
  }));
  return butAll(both, change);
}

const stopped = ({ tenants }: MemberFacts) => ({ tenants: { ...tenants, processes: [] } });

const refuses = test.macro(
  (
    t,
    desired: ReturnType<typeof events>,
    facts: SeenFacts,
    ...expected: readonly (readonly [sentence: string, next: string])[]
  ) => {
    t.deepEqual(
      ownershipRefusals(desired, facts).map(({ sentence, next }) => [sentence, nextText(next)]),
      expected,
    );
  },
);

const three = 'etcd01, etcd02, etcd03';
test(
  'ownershipRefusals() lets two clusters with nothing in common be',
  refuses,
  events(),
  besideShop(events()),
);
test('ownershipRefusals() lets a cluster that is up be', refuses, shop, settled(shop));
test('ownershipRefusals() lets empty hosts be', refuses, shop, bare(shop));

for (const [title, change] of [
  ['runs', () => ({})],
  ['is stopped', stopped],
] as const) {
  const forgets = (key: keyof typeof SEPARATE | 'conf' | 'data') => {
    if (key === 'unit') return events({ unit: 'etcd' });
    if (key === 'ports') return events({ ports: { client: 2379, peer: 2382 } });
    const paths = { ...SEPARATE.paths, [key]: key === 'conf' ? '/etc/etcd' : '/var/lib/etcd' };
    return events({ paths });
  };
  for (const [key, what, next] of [
    ['conf', '/etc/etcd', 'etcd.paths.conf, for example /etc/etcd-events,'],
    ['data', '/var/lib/etcd', 'etcd.paths.data, for example /var/lib/etcd-events,'],
    ['unit', 'etcd.service', 'etcd.unit, for example etcd-events,'],
    ['ports', 'port 2379', 'etcd.ports'],
  ] as const) {
    test(
      `ownershipRefusals() names ${key} when it is forgotten and the other ${title}`,
      refuses,
      forgets(key),
      besideShop(forgets(key), change),
      [
        `${three}: ${what} belongs to ${SHOP}`,
        `give events its own there: set ${next} in INVENTORY`,
      ],
    );
  }
}

test(
  'ownershipRefusals() names one shared host of three',
  refuses,
  events({ paths: { data: '/var/lib/etcd-events' } }),
  ['etcd01', 'etcd02'].reduce(
    (facts, name) => but(facts, name, () => ({ tenants: NO_TENANTS, places: new Map() })),
    besideShop(events({ paths: { data: '/var/lib/etcd-events' } })),
  ),
  [
    `etcd03: /etc/etcd belongs to ${SHOP}`,
    'give events its own there: set etcd.paths.conf, for example /etc/etcd-events, in INVENTORY',
  ],
);

test(
  'ownershipRefusals() tells the directory behind a link',
  refuses,
  events(),
  besideShop(events(), ({ tenants }) => ({
    tenants: { ...tenants, real: new Map([['/etc/etcd-events', '/etc/etcd']]) },
  })),
  [
    `${three}: /etc/etcd-events belongs to ${SHOP}`,
    'give events its own there: set etcd.paths.conf, for example /etc/etcd-events-2, in INVENTORY',
  ],
);

/** With the configuration of shop at /srv/etcd/conf behind its own path. */
const atSrv = ({ tenants }: MemberFacts) => ({
  tenants: {
    ...tenants,
    real: new Map(
      ['', '/events', '/data'].map((rest) => [`/etc/etcd${rest}`, `/srv/etcd/conf${rest}`]),
    ),
  },
});
for (const [title, key, paths, next] of [
  ['programs in the configuration of another', 'bin', { bin: '/etc/etcd' }, '/opt/etcd-events'],
  [
    'configuration inside that of another',
    'conf',
    { conf: '/etc/etcd/events' },
    '/etc/etcd-events',
  ],
  [
    'data in the configuration of another',
    'data',
    { data: '/etc/etcd/data' },
    '/var/lib/etcd-events',
  ],
  ['programs around the configuration of another', 'bin', { bin: '/srv/etcd' }, '/opt/etcd-events'],
  ['configuration around that of another', 'conf', { conf: '/srv/etcd' }, '/etc/etcd-events'],
  [
    'data around the configuration of another',
    'data',
    { data: '/srv/etcd' },
    '/var/lib/etcd-events',
  ],
] as const) {
  const cluster = events({ paths: { ...SEPARATE.paths, ...paths } });
  test(`ownershipRefusals() refuses ${title}`, refuses, cluster, besideShop(cluster, atSrv), [
    `${three}: ${Object.values(paths)[0]} belongs to ${SHOP}`,
    `give events its own there: set etcd.paths.${key}, for example ${next}, in INVENTORY`,
  ]);
}

test(
  'ownershipRefusals() lets a configuration be beside a file for all programs that provision did not make',
  refuses,
  events({ paths: { ...SEPARATE.paths, conf: '/etc/events' } }),
  besideShop(events({ paths: { ...SEPARATE.paths, conf: '/etc/events' } }), () => ({
    tenants: {
      ...NO_TENANTS,
      unitFiles: [
        {
          path: '/etc/systemd/system/other.service',
          text: '[Service]\nEnvironmentFile=/etc/other.env\nExecStart=/usr/bin/etcd\n',
        },
      ],
      processes: [
        {
          ...{ pid: 9, executable: '/usr/bin/etcd', unit: 'other.service', args: [] },
          environment: new Map([
            ['ETCD_DATA_DIR', '/srv/other'],
            ['ETCD_LISTEN_CLIENT_URLS', 'http://127.0.0.1:9379'],
            ['ETCD_LISTEN_PEER_URLS', 'http://127.0.0.1:9380'],
          ]),
        },
      ],
    },
  })),
);

const renamed = wanted(3, { cluster: 'warehouse', etcd: { version: '3.5.30' } });
test(
  'ownershipRefusals() leads a renamed cluster back to its name',
  refuses,
  renamed,
  butAll(besideShop(renamed, stopped), (_, name) => ({ data: dataOf(shop, name) })),
  [
    `${three}: /var/lib/etcd holds data of cluster shop (cluster id e408d778c4a7c321), with the address and files that the inventory gives to cluster warehouse`,
    'to go on with shop, put cluster: shop back into INVENTORY; then: provision up INVENTORY',
  ],
);

test(
  'ownershipRefusals() does not take another cluster of the same name for its own',
  refuses,
  events({}, 'shop'),
  besideShop(events({}, 'shop')),
  [
    `${three}: etcd.service there belongs to another cluster that is called shop too (cluster id e408d778c4a7c321); lock, history, keys and snapshots go by the name`,
    'give this cluster another name: set cluster in INVENTORY',
  ],
);

const moved = wanted(3, { cluster: 'shop', etcd: { version: '3.5.30', unit: 'shop-etcd' } });
test('ownershipRefusals() leads a cluster back to its unit', refuses, moved, besideShop(moved), [
  `${three}: run in etcd.service; the inventory says etcd.unit: shop-etcd`,
  'put etcd.unit: etcd back into INVENTORY',
]);

const CLEAR = (member: string, host = member) =>
  `if ${member} has left shop for good, clear what it left, on ${host} as root: cd /etc/systemd/system && [ ! -e /var/lib/etcd/member ] && ! systemctl -q is-active etcd && ! systemctl -q is-enabled etcd && { grep -lsxF '# provision: cluster shop, member ${member}' etcd-snapshot.timer etcd-maintain.timer | xargs -r systemctl disable --now; grep -rlxF '# provision: cluster shop, member ${member}' . /etc/etcd | xargs -r rm; systemctl daemon-reload; }`;

const shopOn = (name: string) => ({ tenants: tenantOf(shop, name) });

/** A host that a member was removed from: its unit and configuration are there, and its data lies aside. */
const removed = ({ tenants }: Pick<MemberFacts, 'tenants'>) => ({
  tenants: { ...tenants, processes: [], logs: new Map() },
});

test(
  'ownershipRefusals() says how a host is cleared that a removed member left, to who wants all of it',
  refuses,
  renamed,
  but(bare(renamed), 'etcd03', () => ({
    ...removed(shopOn('etcd03')),
    places: placesOf(shop, 'etcd03'),
  })),
  [
    'etcd03: etcd.service is member etcd03 of cluster shop, with the address and files that the inventory gives to cluster warehouse',
    `to go on with shop, put cluster: shop back into INVENTORY; then: provision up INVENTORY; or ${CLEAR('etcd03')}`,
  ],
);

test(
  'ownershipRefusals() says how a host is cleared that a removed member left, to who wants some of it',
  refuses,
  events({ paths: { data: '/var/lib/etcd-events' } }),
  but(bare(events({ paths: { data: '/var/lib/etcd-events' } })), 'etcd02', () => ({
    ...removed(shopOn('etcd02')),
    places: placesOf(shop, 'etcd02'),
  })),
  [
    'etcd02: /etc/etcd belongs to cluster shop (etcd.service)',
    `give events its own there: set etcd.paths.conf, for example /etc/etcd-events, in INVENTORY; or ${CLEAR('etcd02')}`,
  ],
);

const byHand = (places: ReadonlyMap<string, unknown>) =>
  butAll(bare(shop), () => ({ places: places as MemberFacts['places'] }));
const BY_HAND = 'belongs to somebody else: provision did not make it';
for (const [title, what, key, places] of [
  [
    'a directory of the configuration',
    '/etc/etcd with certs, tls.env',
    'etcd.paths.conf, for example /etc/etcd-shop,',
    [['/etc/etcd', { kind: 'directory', entries: ['certs', 'tls.env'] }]],
  ],
  [
    'a configuration file',
    '/etc/etcd/etcd.conf',
    'etcd.paths.conf, for example /etc/etcd-shop,',
    [
      ['/etc/etcd', { kind: 'directory', entries: ['etcd.conf'] }],
      ['/etc/etcd/etcd.conf', { kind: 'file', header: undefined }],
    ],
  ],
  [
    'a directory of certificates',
    '/etc/etcd/pki',
    'etcd.paths.conf, for example /etc/etcd-shop,',
    [
      ['/etc/etcd', { kind: 'directory', entries: ['pki'] }],
      ['/etc/etcd/pki', { kind: 'directory', entries: ['ca.crt'] }],
    ],
  ],
  [
    'a unit',
    '/etc/systemd/system/etcd.service',
    'etcd.unit, for example etcd-shop,',
    [['/etc/systemd/system/etcd.service', { kind: 'file', header: undefined }]],
  ],
  [
    'a link of programs',
    '/opt/etcd/etcd',
    'etcd.unit, for example etcd-shop,',
    [['/opt/etcd/etcd', { kind: 'link', target: '/usr/lib/etcd' }]],
  ],
] as const) {
  test(
    `ownershipRefusals() leaves ${title} alone that was made by hand`,
    refuses,
    shop,
    byHand(new Map(places as never)),
    [`${three}: ${what} ${BY_HAND}`, `give shop its own there: set ${key} in INVENTORY`],
  );
}

test(
  'ownershipRefusals() lets an empty directory of the configuration be',
  refuses,
  shop,
  byHand(new Map([['/etc/etcd', { kind: 'directory', entries: [] }]])),
);

test(
  'ownershipRefusals() keeps programs that another unit runs',
  refuses,
  events(),
  besideShop(events(), () => ({
    binaries: new Map([['etcd', { sha256: 'another build', mode: 0o755, owner: 'root:root' }]]),
  })),
  [
    `${three}: /opt/etcd/3.5.30 belongs to ${SHOP}`,
    'give events its own there: set etcd.paths.bin, for example /opt/etcd-events, in INVENTORY',
  ],
);

test(
  'ownershipRefusals() names a wrong program that another unit starts too, and its version',
  refuses,
  events(),
  besideShop(events(), () => ({
    current: '/opt/etcd/3.5.30',
    binaries: new Map([['etcd', { sha256: 'another version', mode: 0o755, owner: 'root:root' }]]),
    program: {
      ...{ running: undefined, loaded: undefined },
      installed: { path: '/opt/etcd/3.5.30/etcd', version: '3.4.23', complaint: undefined },
    },
  })),
  ...['etcd01', 'etcd02', 'etcd03'].map(
    (name) =>
      [
        `${name}: /opt/etcd/3.5.30/etcd is etcd 3.4.23, and should be 3.5.30; ${SHOP} starts it too, so up does not replace it`,
        `put etcd 3.5.30 back at /opt/etcd/3.5.30/etcd on ${name}, as root, with mode 0755`,
      ] as const,
  ),
);

test(
  'ownershipRefusals() meets an etcd of no unit by its arguments',
  refuses,
  shop,
  butAll(bare(shop), () => ({
    tenants: {
      ...NO_TENANTS,
      processes: [
        {
          pid: 4711,
          executable: '/usr/local/bin/etcd',
          unit: undefined,
          environment: new Map(),
          args: [
            '--data-dir',
            '/var/lib/etcd/member-1',
            '--listen-client-urls=http://127.0.0.1:4001',
            '--listen-peer-urls=http://127.0.0.1:7001',
          ],
        },
      ],
    },
  })),
  [
    `${three}: /var/lib/etcd belongs to an etcd that provision did not make (/usr/local/bin/etcd, pid 4711)`,
    'give shop its own there: set etcd.paths.data, for example /var/lib/etcd-shop, in INVENTORY',
  ],
);

test(
  'ownershipRefusals() knows a renamed cluster by its unit where its configuration was lost',
  refuses,
  renamed,
  butAll(besideShop(renamed, stopped), ({ tenants }, name) => ({
    data: dataOf(shop, name),
    tenants: { ...tenants, confs: [] },
  })),
  [
    `${three}: /var/lib/etcd holds data of cluster shop (cluster id e408d778c4a7c321), with the address and files that the inventory gives to cluster warehouse`,
    'to go on with shop, put cluster: shop back into INVENTORY; then: provision up INVENTORY',
  ],
);

const twice = events({ ports: undefined, paths: { data: '/var/lib/etcd-events' } });
test('ownershipRefusals() names all that is forgotten at once', refuses, twice, besideShop(twice), [
  `${three}: /etc/etcd, port 2379 and port 2380 belong to ${SHOP}`,
  'give events its own there: set etcd.paths.conf, for example /etc/etcd-events, and etcd.ports in INVENTORY',
]);

const elsewhere = wanted(3, {
  cluster: 'warehouse',
  etcd: { version: '3.5.30', paths: { data: '/srv/etcd' } },
});
test(
  'ownershipRefusals() leads a renamed cluster back that was given an empty directory',
  refuses,
  elsewhere,
  besideShop(elsewhere, stopped),
  [
    `${three}: etcd.service is of cluster shop (cluster id e408d778c4a7c321), with the address and files that the inventory gives to cluster warehouse`,
    'to go on with shop, put cluster: shop back into INVENTORY; then: provision up INVENTORY',
  ],
);
