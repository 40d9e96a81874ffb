import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { convergeWaves, type Scope } from '../../../src/plan/converge-waves.ts';
import { decide } from '../../../src/plan/decision.ts';
import { laneName } from '../../../src/plan/lane.ts';
import { but, butAll, NO_TENANTS, settled, tenantOf, tenantsWith, UP, wanted } from '../facts.ts';
import { outline } from '../outline.ts';

const shop = wanted();
/** A cluster that has gone over to links of its own, beside the link that all units shared. */
const over = butAll(settled(shop), ({ tenants }) => ({
  tenants: { ...tenants, links: new Map([...tenants.links, ['current', '/opt/etcd/3.5.30']]) },
}));
const titles = (facts: typeof over) => outline(planCluster(shop, facts, UP));

test('leaveFormerLink() removes the link that all units shared once nobody names it', (t) => {
  t.deepEqual(titles(over), [
    'leave the link that all units shared',
    '  etcd01 etcd02 etcd03:',
    '    remove-unused (no unit, process or script on the host names it)',
  ]);
});

test('convergeWaves() leaves links, files and keys of others as they are where one is meant', (t) => {
  const decision = decide(shop, over, UP);
  const boot = { ...decision.boot, formed: false };
  const places = (scope: Scope) =>
    convergeWaves({ ...decision, boot }, scope).waves.map(
      ({ title, lanes }) => `${title}: ${lanes.map(laneName).join(' ')}`,
    );
  t.deepEqual(places({}), [
    'record that the cluster exists: etcd01 etcd02 etcd03',
    'leave the link that all units shared: etcd01 etcd02 etcd03',
  ]);
  t.deepEqual(places({ only: 'etcd02' }), [
    'record that the cluster exists: etcd02',
    'leave the link that all units shared: etcd02',
  ]);
});

test('convergeWaves() forgets the keys in the store of the one that is meant', (t) => {
  const there = wanted(3, { pki: { keys: 'host' } });
  const facts = settled(there);
  const store = {
    ...facts.store,
    certificates: new Map(
      [...facts.store.certificates].map(([id, one]) => [id, { ...one, keySha256: 'in the store' }]),
    ),
  };
  const ids = (scope: Scope) =>
    convergeWaves(decide(there, { ...facts, store }, UP), scope).waves.flatMap(({ lanes }) =>
      lanes.flatMap(({ steps }) =>
        steps.flatMap((step) =>
          step.kind === 'remove-store-keys'
            ? step.certificates.filter((id) => id.endsWith('/server'))
            : [],
        ),
      ),
    );
  t.deepEqual(ids({}), ['etcd01/server', 'etcd02/server', 'etcd03/server']);
  t.deepEqual(ids({ only: 'etcd02' }), ['etcd02/server']);
});

for (const [who, tenants] of [
  [
    'a unit of another cluster',
    {
      ...NO_TENANTS,
      unitFiles: [
        {
          path: '/etc/systemd/system/etcd-events.service',
          text: '# provision: cluster events, member e1\nEnvironment=ETCD_LISTEN_CLIENT_URLS=http://127.0.0.1:2383 ETCD_LISTEN_PEER_URLS=http://127.0.0.1:2382\nExecStart=/opt/etcd/current/etcd\n',
        },
      ],
    },
  ],
  [
    'a drop-in',
    {
      ...NO_TENANTS,
      unitFiles: [
        {
          path: '/etc/systemd/system/backup.service.d/etcd.conf',
          text: '[Service]\nExecStart=\nExecStart=/opt/etcd/current/etcdctl snapshot save /x\n',
        },
      ],
    },
  ],
  [
    'a unit as systemd has it loaded',
    {
      ...NO_TENANTS,
      loaded: ['Id=etcd-old.service\nExecStart={ path=/opt/etcd/current/etcd ; argv[]=x ; }'],
    },
  ],
  [
    'a script',
    {
      ...NO_TENANTS,
      scripts: [{ path: '/etc/etcd-events/snapshot.sh', text: 'programs=/opt/etcd/current' }],
    },
  ],
] as const) {
  test(`leaveFormerLink() leaves the link that ${who} names`, (t) => {
    t.deepEqual(
      titles(
        but(over, 'etcd02', (found) => ({ tenants: tenantsWith(found.tenants, tenants) })),
      ).slice(0, 2),
      ['leave the link that all units shared', '  etcd01 etcd03:'],
    );
  });
}

test('leaveFormerLink() has the schedule of snapshots go over to the link of its unit', (t) => {
  const header = { cluster: 'prod', member: 'etcd01' };
  const content = (link: string) =>
    `#!/bin/sh\n# provision: cluster prod, member etcd01\nprograms=${link}\nexec "$programs/etcdctl"\n`;
  const scheduled = but(over, 'etcd01', ({ places }) => ({
    script: {
      ...{ mode: 0o755, owner: 'root:root', modifiedAt: 0 },
      content: content('/opt/etcd/current'),
    },
    places: new Map([...places, ['/etc/etcd/snapshot.sh', { kind: 'file', header }]]),
    tenants: tenantsWith(tenantOf(shop, 'etcd01'), {
      ...NO_TENANTS,
      links: new Map([['current', '/opt/etcd/3.5.30']]),
      scripts: [{ path: '/etc/etcd/snapshot.sh', text: 'programs=/opt/etcd/current' }],
    }),
  }));
  const plan = planCluster(shop, scheduled, UP);
  t.deepEqual(outline(plan), [
    'leave the link that all units shared',
    '  etcd01:',
    '    write-files /etc/etcd/snapshot.sh (it names the link that all units shared)',
    '    remove-unused (no unit, process or script on the host names it)',
    '  etcd02 etcd03:',
    '    remove-unused (no unit, process or script on the host names it)',
  ]);
  const [step] = plan.waves[0]?.lanes[0]?.steps ?? [];
  t.is(
    step?.kind === 'write-files' ? step.files[0]?.file.content : undefined,
    content('/opt/etcd/etcd'),
  );
});
