import test from 'ava';
import { clustersOf } from '../../../src/adopt/decide/adoption.ts';
import { foundCas } from '../../../src/adopt/decide/found-cas.ts';
import { keptPairs } from '../../../src/adopt/decide/kept-pairs.ts';
import type { Draft } from '../../../src/pki/issue/draft.ts';
import { makeCa, makeLeaf, NOW } from '../../pki/workshop.ts';
import { found, listed } from './found.ts';

type Files = Readonly<Record<string, string>>;

const URLS = {
  peerUrls: ['https://10.0.0.1:2380'],
  clientUrls: ['https://10.0.0.1:2379'],
};
const ARGS = [
  ...['--trusted-ca-file=/t/ca.crt', '--cert-file=/t/server.crt', '--key-file=/t/server.key'],
  ...['--peer-trusted-ca-file=/t/peer-ca.crt', '--peer-cert-file=/t/peer.crt'],
  '--peer-key-file=/t/peer.key',
];

/** What one member keeps that has these files. */
function kept(certificates: Files, args: readonly string[] = ARGS) {
  const list = [listed(1, URLS)];
  const one = found(1, list, args);
  const rights = { mode: 0o600, owner: 'etcd', group: 'etcd' };
  const keys = new Map(['server', 'peer', 'own'].map((name) => [`/t/${name}.key`, rights]));
  const look = { ...one.etcd.look, certificates: new Map(Object.entries(certificates)), keys };
  const [cluster] = clustersOf([{ ...one, etcd: { ...one.etcd, look } }]);
  if (cluster === undefined) throw new TypeError('a cluster');
  const { pairs, problems } = keptPairs(cluster, foundCas(cluster), ['10.0.0.1'], NOW);
  return {
    pairs: pairs.map(({ row, key }) => `${row} ${key}`),
    problems: problems.map(({ sentence }) => sentence.replace(/^.*cannot be signed: /, '')),
  };
}

async function files(server: Partial<Draft> = {}, peer: Partial<Draft> = {}) {
  const ca = await makeCa();
  const leaf = async (draft: Partial<Draft>) =>
    (await makeLeaf(ca, { names: ['10.0.0.1'], usages: ['serverAuth', 'clientAuth'], ...draft }))
      .certificate;
  return {
    '/t/ca.crt': ca.certificate,
    '/t/peer-ca.crt': ca.certificate,
    '/t/server.crt': await leaf(server),
    '/t/peer.crt': await leaf(peer),
  };
}

test('keptPairs() has etcdctl show the certificate of the peers, where clients are known by their CA', async (t) => {
  t.deepEqual(kept(await files({ usages: ['serverAuth'] })), {
    pairs: ['server /t/server.key', 'peer /t/peer.key', 'healthcheck-client /t/peer.key'],
    problems: [],
  });
  // One of another CA is none.
  const other = { ...(await files()), '/t/own.crt': (await files())['/t/server.crt'] };
  t.like(kept(other, [...ARGS, '--client-cert-file=/t/own.crt', '--client-key-file=/t/own.key']), {
    pairs: ['server /t/server.key', 'peer /t/peer.key', 'healthcheck-client /t/peer.key'],
  });
});

test('keptPairs() has it show that of the server, where peers have a CA of their own', async (t) => {
  const [clients, peers] = [await files(), await files()];
  const separate = {
    ...clients,
    '/t/peer-ca.crt': peers['/t/ca.crt'],
    '/t/peer.crt': peers['/t/peer.crt'],
  };
  t.deepEqual(kept(separate).pairs.at(-1), 'healthcheck-client /t/server.key');
  const forServers = await files({ usages: ['serverAuth'] });
  const without = {
    ...forServers,
    '/t/peer-ca.crt': peers['/t/ca.crt'],
    '/t/peer.crt': peers['/t/peer.crt'],
  };
  t.deepEqual(kept(without).problems, ['m1 has no certificate that its own client port takes']);
});

test('keptPairs() says why members cannot go on with what they have', async (t) => {
  const [good, other] = [await files(), await files()];
  const why = (changed: Files) => kept({ ...good, ...changed }).problems;
  const { '/t/peer.crt': _, ...missing } = good;
  t.deepEqual(kept(missing).problems, ['m1 has no certificate of its own for peers']);
  t.deepEqual(why({ '/t/server.crt': other['/t/server.crt'] }), [
    'm1: /t/server.crt is not signed by the CA in /t/ca.crt itself',
  ]);
  t.deepEqual(why({ '/t/peer.crt': `${good['/t/peer.crt']}${good['/t/ca.crt']}` }), [
    'm1: /t/peer.crt holds a chain',
  ]);
  t.deepEqual(kept(await files({ names: ['etcd.example'] })).problems, [
    'm1: /t/server.crt names none of its addresses, so nobody can verify it',
  ]);
});
