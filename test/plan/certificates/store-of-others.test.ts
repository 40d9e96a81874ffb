import test from 'ava';
import { storeOfOthers } from '../../../src/plan/certificates/store-of-others.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, butAll, settled, UP, wanted } from '../facts.ts';

const ours = wanted(2);
const theirs = wanted(2, {
  members: [
    { name: 'etcd01', address: '10.9.0.1' },
    { name: 'etcd02', address: '10.9.0.2' },
  ],
});
const full = settled(theirs).store;
// The same names of files, other certificates.
const certificates = [...full.certificates].map(
  ([id, one]) => [id, { ...one, certificateSha256: `other ${one.certificateSha256}` }] as const,
);
const store = { ...full, certificates: new Map(certificates) };
const WHO =
  '/home/me/prod.pki: holds the certificates of other members (etcd01 at 10.9.0.1; etcd02 at 10.9.0.2) and of none in the inventory: another cluster, perhaps one that is also called prod, has its PKI store there';

const told = (facts: Parameters<typeof storeOfOthers>[1], desired = ours) =>
  storeOfOthers(desired, facts).map(({ sentence, next }) => [sentence, nextText(next)]);

test('storeOfOthers: a new cluster gets a store of its own', (t) => {
  t.deepEqual(told({ ...bare(ours), store }), [
    [
      WHO,
      'give this cluster a store of its own: set pki.store: /home/me/prod-2.pki in INVENTORY; or, if those members are gone for good and this cluster takes their CA over: move /home/me/prod.pki/etcd01, /home/me/prod.pki/etcd02 out of the store',
    ],
  ]);
});

test('storeOfOthers: a cluster that runs takes its CA along; up refuses before anything is issued', (t) => {
  const facts = { ...settled(ours), store };
  t.deepEqual(
    planCluster(ours, facts, UP).refusals.map(({ sentence, next }) => [sentence, nextText(next)]),
    told(facts),
  );
  t.deepEqual(told(facts), [
    [
      WHO,
      'give this cluster a store of its own with the CA that it trusts: mkdir -m 700 /home/me/prod-2.pki && cp -a /home/me/prod.pki/. /home/me/prod-2.pki && rm -r /home/me/prod-2.pki/etcd01 /home/me/prod-2.pki/etcd02; then set pki.store: /home/me/prod-2.pki in INVENTORY',
    ],
  ]);
});

test('storeOfOthers: a cluster that trusts another CA gets no copy of a store that cannot serve it', (t) => {
  const facts = butAll(settled(ours), ({ pki }) => ({
    pki: {
      ...pki,
      files: new Map(
        [...pki.files].map(([name, file]) => [
          name,
          name === 'ca.crt' ? { ...file, sha256: 'f'.repeat(64) } : file,
        ]),
      ),
    },
  }));
  t.deepEqual(told({ ...facts, store }), [
    [
      WHO,
      "this store's CA is not the one that the hosts trust: bring back the store that this cluster was made with, and set pki.store to where it is in INVENTORY",
    ],
  ]);
});

test('storeOfOthers: what is typed leaves no path to the shell', (t) => {
  const directory = "/home/me/our store's.pki";
  t.regex(
    told({ ...settled(ours), store: { ...store, directory } })[0]?.[1] ?? '',
    /: mkdir -m 700 '\/home\/me\/our store'\\''s-2\.pki' && cp -a '\/home\/me\/our store'\\''s\.pki\/\.' '/,
  );
});

test('storeOfOthers: is silent where one address fits, where a host has a leaf of it, over http and without leaves', (t) => {
  const moved = wanted(2, {
    members: [
      { name: 'etcd01', address: '10.9.0.1' },
      { name: 'etcd02', address: '198.18.0.12' },
    ],
  });
  t.deepEqual(told({ ...bare(moved), store }, moved), []);
  t.deepEqual(told({ ...settled(ours), store: full }), []);
  t.deepEqual(told({ ...bare(ours), store }, wanted(2, { protocol: 'http' })), []);
  t.deepEqual(told(bare(ours)), []);
});
