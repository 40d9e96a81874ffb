import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { decide } from '../../../src/plan/decision.ts';
import { downRefusals } from '../../../src/plan/down.ts';
import { misdescribed } from '../../../src/plan/ownership/misdescribed.ts';
import { restoreRefusals } from '../../../src/plan/restoring/restore-refusals.ts';
import {
  bare,
  but,
  butAll,
  FRESH,
  hanging,
  placesOf,
  type SeenFacts,
  settled,
  stopped,
  tenantOf,
  wanted,
} from '../facts.ts';

const three = wanted();
const matching = settled(three);
const etcd = (changes: object) => wanted(3, { etcd: { version: '3.5.30', ...changes } });

/** The first sentences of what each command says of these hosts, by the number of refusals. */
const COMMANDS = {
  up: (cluster: DesiredCluster, facts: SeenFacts) =>
    planCluster(cluster, facts, { freshToken: FRESH, wipe: false, allowDowntime: true }).refusals,
  'up --wipe, migrate --via wipe': (cluster: DesiredCluster, facts: SeenFacts) =>
    planCluster(cluster, facts, { freshToken: FRESH, wipe: true, allowDowntime: true }).refusals,
  'migrate --via snapshot': (cluster: DesiredCluster, facts: SeenFacts) =>
    decide(cluster, facts, { allowDowntime: true, besideRestore: true, addsMembers: true })
      .refusals,
  'restore --from': (cluster: DesiredCluster, facts: SeenFacts) =>
    restoreRefusals(cluster, facts, new Map(), {
      source: {
        ...{ name: 'a.db', sha256: 'a', size: 1, skipHashCheck: false },
        ...{ cluster: undefined, etcd: undefined, revision: 1, keys: 1 },
      },
      ...{ freshToken: FRESH, began: '20261121T120000Z', bumpRevision: 0, foreign: false },
    }),
  'restore --from-member, --undo': misdescribed,
  down: (cluster: DesiredCluster, facts: SeenFacts) => downRefusals(cluster, facts, false),
  'down --purge': (cluster: DesiredCluster, facts: SeenFacts) => downRefusals(cluster, facts, true),
} as const;

/** The hosts as they are, found under the names that an inventory gives them. */
function under(cluster: DesiredCluster, facts: SeenFacts): SeenFacts {
  const hosts = [...facts.members.values()];
  const members = cluster.members.flatMap(({ name }, index) => {
    const host = hosts[index];
    return host === undefined ? [] : [[name, host] as const];
  });
  return { ...facts, members: new Map(members) };
}

const swapped = wanted(3, {
  members: ['etcd02', 'etcd01', 'etcd03'].map((name, index) => ({
    name,
    address: `198.18.0.${11 + index}`,
  })),
});
const moved = wanted(3, {
  members: [11, 12, 99].map((last, index) => ({
    ...{ name: `etcd0${index + 1}`, address: `198.18.0.${last}` },
  })),
});
const off = butAll(matching, stopped);
const shop = wanted(3, { cluster: 'shop' });
const unit = etcd({ unit: 'prod-etcd' });
const seen = (owner: DesiredCluster) =>
  butAll(settled(owner), (_, name) => ({
    tenants: tenantOf(owner, name),
    places: placesOf(owner, name),
  }));

/** As it is seen by one who looks for another unit. */
const unseen = (cluster: DesiredCluster) =>
  butAll(bare(cluster), (_, name) => ({
    tenants: tenantOf(three, name),
    places: placesOf(three, name),
  }));

const ALL = Object.keys(COMMANDS);
const NO_WIPE = ALL.filter((one) => !one.includes('wipe'));
const NO_UP = NO_WIPE.filter((one) => one !== 'up');
const NOT_RESTORED = ALL.filter(
  (one) => /^(up|migrate --via snapshot)/.test(one) && !one.includes('wipe'),
);

/** What does not fit, and every command that refuses it. */
for (const [what, cluster, facts, refusedBy] of [
  ['nothing', three, matching, []],
  ['nothing, of a stopped cluster', three, off, []],
  ['the names of two members', swapped, under(swapped, matching), ALL],
  ['the names of two stopped members', swapped, under(swapped, off), ALL],
  [
    'the data directory',
    etcd({ paths: { data: '/data/etcd' } }),
    butAll(matching, () => ({ data: undefined })),
    NO_WIPE,
  ],
  [
    'the data directory of a stopped cluster',
    etcd({ paths: { data: '/data/etcd' } }),
    butAll(off, () => ({ data: undefined })),
    NO_WIPE,
  ],
  [
    'the configuration directory',
    etcd({ paths: { conf: '/etc/etcd-new' } }),
    butAll(matching, () => ({ conf: undefined })),
    NO_WIPE,
  ],
  ['the account', etcd({ user: 'etcd2' }), matching, NO_WIPE],
  // Where others answer, up is what moves members.
  ['the peer port', etcd({ ports: { peer: 12380 } }), matching, NO_UP],
  // Without a member that answers, a restore is what gives a cluster other addresses.
  ['the peer port of a stopped cluster', etcd({ ports: { peer: 12380 } }), off, NOT_RESTORED],
  // Of a member that does not answer: what a failed run had wrong is put right by the next.
  [
    'the address of a member that does not answer',
    moved,
    but(matching, 'etcd03', hanging),
    NO_UP.filter((one) => !/^(restore|down)/.test(one)),
  ],
  ['the address of a member that answers', moved, matching, NO_UP],
  ['the unit', unit, unseen(unit), ALL],
  ['the name of the cluster', shop, seen(three), ALL],
  [
    'one host, which is of another cluster',
    three,
    but(matching, 'etcd03', () => seen(shop).members.get('etcd03') ?? {}),
    ALL,
  ],
] as const)
  test(`what the inventory says and the hosts do not: ${what}`, (t) => {
    const refused = Object.entries(COMMANDS)
      .filter(([, refusals]) => refusals(cluster, facts).length > 0)
      .map(([command]) => command);
    t.deepEqual(refused, [...refusedBy]);
  });
