import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import type { ConsumerFacts } from '../../src/facts/consumer.ts';
import { needsCaKey } from '../../src/plan/certificates/needs-ca-key.ts';
import { planRevocation } from '../../src/plan/certificates/revoke.ts';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../src/plan/certificates/rotate-ca.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import {
  bare,
  but,
  butAll,
  keysOf,
  type SeenFacts,
  settled,
  sha256,
  textOf,
  UP,
  wanted,
} from './facts.ts';
import { outline } from './outline.ts';

const READER = 'reader@10.0.0.81';
const consumers = [
  {
    name: 'reader',
    hosts: [{ address: '10.0.0.81' }],
    directory: '/etc/reader/etcd',
    reload: { unit: 'reader' },
  },
];
const inStore = wanted(3, { consumers });
const onHosts = wanted(3, { consumers, pki: { keys: 'host' } });
const ROTATION = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};

/** The cluster as it should be, its consumer too. */
function complete(desired: DesiredCluster): SeenFacts {
  const facts = settled(desired);
  const certificate = desired.certificates.find(({ consumer }) => consumer === READER);
  if (certificate === undefined) throw new TypeError('no consumer');
  const file = (text: string, mode: number) => ({
    ...{ mode, owner: 'root:root', sha256: sha256(text), modifiedAt: 1 },
  });
  const files = new Map([
    ['ca.crt', file(facts.store.ca?.pem ?? '', 0o644)],
    ['reader.crt', file(textOf('crt', certificate), 0o644)],
    ['reader.key', file(textOf('key', certificate), 0o600)],
    ['reloaded', file('', 0o644)],
  ]);
  const found: ConsumerFacts = {
    pki: { target: 'etcd.0123456789ab', files },
    keys: { sha256: keysOf(desired, READER), complaint: undefined },
    foreign: undefined,
    owner: undefined,
    ...{ clock: { ahead: 0, doubt: 0 }, unit: undefined },
  };
  return { ...facts, consumers: new Map([[READER, found]]) };
}

const certified = (host: string, because: string, rows = MEMBER) => [
  `  ${host}:`,
  ...rows.map((row) => `    certify-host-key ${host}/${row} (${because})`),
];
const MEMBER = ['server', 'peer', 'healthcheck-client'];
const everyHost = (because: string) => [
  'make keys on their hosts',
  ...['etcd01', 'etcd02', 'etcd03'].flatMap((host) => certified(host, because)),
  ...certified(READER, because, ['reader']),
];

test('planCluster() makes the CA and the admin here, then the keys of all hosts on them', (t) => {
  const facts = { ...bare(onHosts), consumers: complete(onHosts).consumers };
  const plan = planCluster(onHosts, facts, UP);
  t.deepEqual(outline(plan).slice(0, 20), [
    'make certificates',
    '  here:',
    '    create-ca (the store has no CA)',
    '    issue-certificate admin (the CA is new)',
    ...everyHost('the CA is new'),
    'start etcd01, etcd02, etcd03 together',
  ]);
  t.true(needsCaKey({ ...plan, waves: plan.waves.slice(1) }));
});

test('planCluster() has nothing to do where every host has the keys of its certificates', (t) => {
  t.deepEqual(outline(planCluster(onHosts, complete(onHosts), UP)), []);
});

test('planCluster() moves keys to their hosts, and forgets those of the store in the end', (t) => {
  const lines = outline(planCluster(onHosts, complete(inStore), UP));
  const because = 'its key is in the store, wanted on the host';
  t.deepEqual(lines.slice(0, 16), [...everyHost(because), 'change etcd02']);
  t.is(lines.filter((line) => line.includes('restart-unit')).length, 0);
  const members = ['etcd01', 'etcd02', 'etcd03'];
  const ids = MEMBER.flatMap((row) => members.map((name) => `${name}/${row}`));
  t.deepEqual(lines.slice(-7), [
    `change ${READER}`,
    `  ${READER}:`,
    '    install-consumer (reader is new)',
    '    reload-consumer (it may read its files only then)',
    'forget former keys',
    '  here:',
    `    remove-store-keys ${ids.join(' ')} ${READER}/reader (the keys in use are on their hosts)`,
  ]);
});

test('planCluster() moves keys back to the store', (t) => {
  const lines = outline(planCluster(inStore, complete(onHosts), UP));
  t.deepEqual(lines.slice(0, 2), ['make certificates', '  here:']);
  t.is(
    lines.filter((line) => /issue-.*its key is on the host, wanted in the store/.test(line)).length,
    10,
  );
  t.is(lines.filter((line) => /certify|remove-store-keys|restart-unit/.test(line)).length, 0);
});

test('planCluster() has a key made again that a host has lost', (t) => {
  const facts = but(complete(onHosts), 'etcd02', ({ keys }) => ({
    keys: { ...keys, sha256: new Set([...keys.sha256].slice(1)) },
  }));
  t.deepEqual(outline(planCluster(onHosts, facts, UP)).slice(0, 6), [
    'make keys on their hosts',
    '  etcd02:',
    '    certify-host-key etcd02/server (its key is missing on the host)',
    'change etcd02',
    '  before etcd01 etcd03',
    '  etcd02:',
  ]);
});

test('planCluster() leaves keys alone of a consumer that was not looked at', (t) => {
  const unseen = (facts: SeenFacts) => ({ ...facts, consumers: new Map() });
  t.deepEqual(outline(planCluster(onHosts, unseen(settled(onHosts)), UP)), []);
  const lines = outline(planCluster(onHosts, unseen(complete(inStore)), UP));
  t.deepEqual(
    lines.filter((line) => line.includes(READER)),
    [],
  );
  const revoked = { revocations: [], hours: 24, allowDowntime: false };
  const revocation = outline(planRevocation(onHosts, unseen(settled(onHosts)), revoked));
  t.is(revocation.filter((line) => line.includes('certify')).length, 0);
});

test('every planner refuses hosts whose openssl makes no key, when they need one', (t) => {
  const without = (facts: SeenFacts) =>
    but(facts, 'etcd03', ({ keys }) => ({ keys: { ...keys, complaint: 'it is not installed' } }));
  const refusal = (rows: string) =>
    `refused: etcd03: cannot make the keys of ${rows}: openssl: it is not installed | next: install or repair openssl there (apt-get install openssl), or have keys made here: pki.keys: store`;
  const whole = without(complete(onHosts));
  t.deepEqual(outline(planCluster(onHosts, without(complete(inStore)), UP)), [
    refusal('server, peer, healthcheck-client'),
  ]);
  t.deepEqual(outline(planCluster(onHosts, whole, UP)), []);
  t.deepEqual(outline(planRotation(onHosts, whole, { ...ROTATION, name: 'peer' })), [
    refusal('peer'),
  ]);
  t.is(
    outline(planRotation(onHosts, whole, { ...ROTATION, member: 'etcd01' }))[0],
    'make keys on their hosts',
  );
  t.deepEqual(
    outline(
      planCaRotation(
        onHosts,
        butAll(whole, () => ({})),
        {
          consumersReady: false,
          allowDowntime: false,
        },
      ),
    ),
    [refusal('server, peer, healthcheck-client')],
  );
});

test('planCaRotation() moves no keys by the way', (t) => {
  const wishes = { consumersReady: false, allowDowntime: false };
  const [desired, facts] = [wanted(3, { pki: { keys: 'host' } }), settled(wanted())];
  t.deepEqual(outline(planCaRotation(desired, facts, wishes)), [
    'refused: prod: the keys of etcd01/server, etcd02/server, etcd03/server, etcd01/peer, etcd02/peer, etcd03/peer, etcd01/healthcheck-client, etcd02/healthcheck-client, etcd03/healthcheck-client are not where the inventory wants them | next: have them made there first: provision up INVENTORY',
  ]);
});

test('planRotation() and planCaRotation() have keys made on their hosts', (t) => {
  const rotation = outline(planRotation(onHosts, complete(onHosts), ROTATION));
  t.deepEqual(rotation.slice(0, 19), [
    'make certificates',
    '  here:',
    '    issue-certificate admin (it is rotated)',
    ...everyHost('it is rotated'),
    'change etcd02',
  ]);
  const wishes = { consumersReady: false, allowDowntime: false };
  const lines = outline(planCaRotation(onHosts, complete(onHosts), wishes));
  const at = lines.indexOf('let the new CA sign');
  t.deepEqual(lines.slice(at, at + 20), [
    'let the new CA sign',
    '  here:',
    '    promote-ca (every member trusts it)',
    '    issue-certificate admin (signed by another CA)',
    ...everyHost('signed by another CA'),
    'swap the certificates of etcd02',
  ]);
});
