import test from 'ava';
import { clustersOf, type Found } from '../../../src/adopt/decide/adoption.ts';
import { clusterName, describeAdopted } from '../../../src/adopt/decide/describe.ts';
import { adoptedInventory } from '../../../src/inventory/adopted-text.ts';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { CLUSTER, found, listed } from './found.ts';

const LIST = [1, 2, 3].map((at) => listed(at));
const NO_CAS = { client: undefined, peer: undefined, peerCa: undefined, problems: [] };

function described(all: readonly Found[], unreachable = new Map()) {
  const [cluster] = clustersOf(all);
  if (cluster === undefined) throw new TypeError('a cluster');
  const wish = { cluster: undefined, ssh: {}, unreachable, cas: NO_CAS };
  return describeAdopted(cluster, { ...wish, sshOf: () => ({}) });
}

const kinds = (problems: readonly { readonly kind: string }[]) => problems.map(({ kind }) => kind);
const THREE = (args: readonly string[] = []) => [1, 2, 3].map((at) => found(at, LIST, args));

test('describeAdopted() says what all have once, and its text is an inventory', (t) => {
  const args = ['--initial-cluster-token=My_Cluster', '--election-timeout=5000'];
  const { start, cannot } = described(THREE(args));
  t.deepEqual(cannot, []);
  if (start === undefined) return t.fail('no inventory');
  const { inventory } = parseInventory(adoptedInventory(start), 'i.yaml');
  t.is(inventory.cluster, 'my-cluster');
  t.is(inventory.adopted?.clusterId, CLUSTER);
  t.is(inventory.protocol, 'http');
  t.deepEqual(inventory.etcd.settings, { 'election-timeout': 5000 });
  t.like(inventory.etcd, { version: '3.5.16', user: 'etcd', unit: 'etcd' });
  t.deepEqual(
    inventory.members.map(({ name, address }) => [name, address]),
    [
      ['m1', '10.0.0.1'],
      ['m2', '10.0.0.2'],
      ['m3', '10.0.0.3'],
    ],
  );
});

test('adoptedInventory() has keys stay on their hosts, where members keep what they have', (t) => {
  const { start } = described(THREE());
  if (start === undefined) return t.fail('no inventory');
  const keysOf = (one: typeof start) =>
    parseInventory(adoptedInventory(one), 'i.yaml').inventory.pki.keys;
  const secured = { ...start, protocol: 'https' } as const;
  t.is(keysOf({ ...secured, keys: 'host' }), 'host');
  t.is(keysOf({ ...secured, keys: 'host', peerCa: 'shared' }), 'host');
  t.is(keysOf({ ...secured, peerCa: 'shared' }), 'store');
});

test('describeAdopted() names what an inventory cannot say, and makes none', (t) => {
  const places = { data: '/srv/etcd', wal: '/srv/etcd/member/wal', certificates: [], keys: [] };
  const differs = described([...THREE().slice(0, 2), found(3, LIST, [], { places })]);
  t.is(differs.start, undefined);
  t.deepEqual(
    differs.cannot.map(({ sentence }) => sentence),
    [
      'the data directory differs, and an inventory has one for all: /var/lib/etcd on m1, m2; /srv/etcd on m3',
    ],
  );

  const twice = [listed(1, { peerUrls: ['http://10.0.0.1:2380', 'http://10.1.0.1:2380'] })];
  t.deepEqual(kinds(described([found(1, twice)]).cannot), ['several peer URLs']);

  const mixed = [listed(1, { clientUrls: ['https://10.0.0.1:2379'] })];
  t.deepEqual(kinds(described([found(1, mixed)]).cannot), ['two protocols']);

  const outside = described([found(1, [listed(1)], [], { unit: undefined })]);
  t.deepEqual(kinds(outside.cannot), ['not of a unit']);
});

test('describeAdopted() tells of members that were not seen, learners, downgrades, alarms and users', (t) => {
  const list = [listed(1), listed(2, { isLearner: true }), listed(3, { name: '' })];
  const first = found(1, list);
  const { status, ...rest } = first.etcd.told;
  const told = {
    ...{ ...rest, alarms: ['memberID:1 alarm:NOSPACE'], auth: 'on' as const },
    status: status && { ...status, downgradeTo: '3.5.0' },
  };
  const { notes } = described([{ ...first, etcd: { ...first.etcd, told } }]);
  t.deepEqual(kinds(notes), [
    ...['not seen', 'not seen', 'never started', 'learner'],
    ...['downgrade', 'alarm', 'authentication'],
  ]);
});

test('describeAdopted() takes the port that clients are served at, not the one that is advertised', (t) => {
  const list = [listed(1, { clientUrls: ['http://10.0.0.1:2380'] })];
  const args = ['--listen-client-urls=http://10.0.0.1:2379,http://127.0.0.1:2379'];
  const { start, notes } = described([found(1, list, args)]);
  t.deepEqual(start?.ports, { client: 2379, peer: 2380 });
  t.true(kinds(notes).includes('client URL at the peer port'));
});

test('describeAdopted() keeps a log in a place of its own', (t) => {
  const places = { data: '/var/lib/etcd', certificates: [], keys: [] };
  const { look } = found(1, [listed(1)]).etcd;
  const at = (wal: string, isLogAlone: boolean) => {
    const change = { places: { ...places, wal }, look: { ...look, isLogAlone } };
    const { start } = described([found(1, [listed(1)], [], change)]);
    return { wal: start?.paths.wal, walDirectory: start?.paths.walDirectory };
  };
  const around = { wal: '/mnt/log', walDirectory: undefined };
  t.deepEqual(at('/mnt/log/wal', true), around);
  t.deepEqual(at('/mnt/log/wal', false), { wal: undefined, walDirectory: '/mnt/log/wal' });
  t.deepEqual(at('/quick/wal', true), { wal: undefined, walDirectory: '/quick/wal' });
  t.deepEqual(at('/var/lib/wal', true), { wal: undefined, walDirectory: '/var/lib/wal' });
  t.deepEqual(at('/mnt/log/etcd', true), { wal: undefined, walDirectory: '/mnt/log/etcd' });
  t.deepEqual(at('/var/lib/etcd/member/wal', false), { wal: undefined, walDirectory: undefined });
});

test('clusterName() makes a name of whatever a cluster was called', (t) => {
  t.is(clusterName('k8s_etcd'), 'k8s-etcd');
  t.is(clusterName('My Cluster!'), 'my-cluster');
  t.is(clusterName('***'), 'etcd');
});
