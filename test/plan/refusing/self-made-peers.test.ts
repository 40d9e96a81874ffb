import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { butAll, settled, UP, wanted } from '../facts.ts';

const desired = wanted(3);
const adopted = { files: [], dropIns: [], isKept: false };

const running = (peers: readonly (readonly [string, string])[], isAdopted = true) =>
  butAll(settled(desired), ({ unit }) => ({
    ...(isAdopted && { adopted }),
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        unit: undefined,
        environment: new Map([
          ...[...unit.process.environment].filter(([name]) => !name.startsWith('ETCD_PEER_')),
          ...peers,
        ]),
      },
    },
  }));

const kinds = (facts: ReturnType<typeof running>) =>
  planCluster(desired, facts, UP).refusals.map(({ kind }) => kind);

test('planCluster() refuses to take over members with peer certificates of etcd, once for all', (t) => {
  const { refusals, waves } = planCluster(desired, running([['ETCD_PEER_AUTO_TLS', 'true']]), UP);
  t.deepEqual(waves, []);
  const own = refusals.filter(({ kind }) => kind === 'self-made-peer-certificates');
  t.deepEqual(
    own.map(({ about }) => about),
    [['etcd01', 'etcd02', 'etcd03']],
  );
});

test('planCluster() lets auto-tls stand that etcd passes over beside a certificate', (t) => {
  const both = [
    ['ETCD_PEER_AUTO_TLS', 'true'],
    ['ETCD_PEER_CERT_FILE', '/etc/etcd/peer.crt'],
  ] as const;
  t.false(kinds(running(both)).includes('self-made-peer-certificates'));
  t.false(
    kinds(running([['ETCD_PEER_AUTO_TLS', 'false']])).includes('self-made-peer-certificates'),
  );
});
