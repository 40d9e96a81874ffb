import test from 'ava';
import { planRevocation } from '../../src/plan/certificates/revoke.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { nextText } from '../../src/problem/render.ts';
import { bare, but, inDays, type SeenFacts, settled, UP, wanted } from './facts.ts';

const separate = wanted(3, { pki: { peerCa: 'separate' } });
const shared = wanted(3, { pki: { peerCa: 'shared' } });

test('planCluster() makes both CAs of a new cluster, that of the peers first', (t) => {
  const { waves } = planCluster(separate, bare(separate), UP);
  const steps = waves[0]?.lanes[0]?.steps ?? [];
  t.deepEqual(
    steps
      .slice(0, 2)
      .map(({ kind, because, ...rest }) => [
        kind,
        because,
        'authority' in rest ? rest.authority : undefined,
      ]),
    [
      ['create-ca', 'the store has no CA for peers', 'peer'],
      ['create-ca', 'the store has no CA', undefined],
    ],
  );
});

test('planCluster() makes one CA where peers are to share it', (t) => {
  const { waves } = planCluster(shared, bare(shared), UP);
  const created = waves[0]?.lanes[0]?.steps.filter(({ kind }) => kind === 'create-ca');
  t.deepEqual(
    created?.map(({ because }) => because),
    ['the store has no CA'],
  );
});

for (const [cluster, what] of [
  [separate, 'a CA of their own'],
  [shared, 'the CA of clients'],
] as const) {
  test(`planCluster() leaves alone what is as it should be, where peers trust ${what}`, (t) => {
    t.deepEqual(planCluster(cluster, settled(cluster), UP), {
      cluster: 'prod',
      waves: [],
      refusals: [],
    });
  });
}

test('planCluster() refuses another peerCa than the store has, with both values and the way', (t) => {
  const refusals = (asked: 'separate' | 'shared', cluster: typeof shared) =>
    planCluster({ ...cluster, otherPeerCa: asked }, settled(cluster), UP).refusals.map(
      ({ sentence, next }) => ({ sentence, next: nextText(next, 'i.yaml') }),
    );
  t.deepEqual(refusals('separate', shared), [
    {
      sentence:
        'prod: the inventory says pki.peerCa: separate, but the cluster is shared: peers trust the CA that clients have too',
      next: 'give the peers a CA of their own: provision certs rotate-ca i.yaml --split; or put back pki.peerCa: shared',
    },
  ]);
  t.deepEqual(refusals('shared', separate), [
    {
      sentence:
        'prod: the inventory says pki.peerCa: shared, but the cluster is separate: peers trust a CA of their own',
      next: 'put back pki.peerCa: separate; with one CA for both, every client could act as a member',
    },
  ]);
});

test('planCluster() restarts a member that started with another bundle of the peers', (t) => {
  const facts = but(settled(separate), 'etcd02', ({ pki }) => {
    const files = new Map(pki.files);
    const bundle = files.get('peer-ca.crt');
    if (bundle !== undefined) files.set('peer-ca.crt', { ...bundle, sha256: 'of another CA' });
    return { pki: { ...pki, files } };
  });
  const { refusals } = planCluster(separate, facts, UP);
  t.deepEqual(
    refusals.map(({ sentence }) => sentence),
    [
      'etcd02: trusts another CA of the peers than the PKI store /home/me/prod.pki has; new certificates would not be accepted there',
    ],
  );
  const absent = but(settled(separate), 'etcd02', ({ pki }) => {
    const files = new Map(pki.files);
    files.delete('peer-ca.crt');
    return { pki: { ...pki, files } };
  });
  const plan = planCluster(separate, absent, UP);
  t.deepEqual(plan.refusals, []);
  t.regex(JSON.stringify(plan.waves), /the CA of the peers is missing there/);
});

test('planCluster() refuses a store from before the peers had a CA of their own', (t) => {
  const hosts = settled(separate);
  const { store, rotation, peerRotation, peerCrl } = settled(shared);
  const facts = { ...hosts, store, rotation, peerRotation, peerCrl };
  const { waves, refusals } = planCluster(shared, facts, UP);
  t.deepEqual(waves, []);
  t.deepEqual(
    refusals.map(({ sentence, next }) => [sentence, nextText(next, 'i.yaml')]),
    [
      [
        'etcd01, etcd02, etcd03: trusts another CA of the peers than the PKI store /home/me/prod.pki (which has none); new certificates would not be accepted there',
        'bring back the store this cluster was made with, or set pki.store to where it is',
      ],
    ],
  );
});

test('planCluster() never lets a CA be trusted that could not sign for members', (t) => {
  const facts = settled(separate);
  const { ca } = facts.store;
  if (ca === undefined) return t.fail();
  const next = { ...ca, fact: { ...ca.fact, fingerprint256: 'next' }, pem: 'next\n' };
  const rotation = { next, previous: undefined, retired: [] };
  const said = (changed: Partial<SeenFacts>) =>
    planCluster(separate, { ...facts, ...changed }, UP).refusals.map(({ sentence }) => sentence);
  t.deepEqual(said({ rotation }), []);
  const unfit = (usages: readonly string[]) => ({
    ...rotation,
    next: { ...next, fact: { ...next.fact, usages } },
  });
  t.deepEqual(said({ rotation: unfit(['serverAuth']) }), [
    '/home/me/prod.pki/next-ca: the CA certificate allows serverAuth only; members need serverAuth and clientAuth, and etcd refuses what it signs, so it cannot be the next CA',
  ]);
  const [{ next: way = [] } = {}] = planCluster(
    separate,
    { ...facts, rotation: unfit(['serverAuth']) },
    UP,
  ).refusals;
  t.is(
    nextText(way, 'i.yaml'),
    'give it up: provision certs rotate-ca i.yaml --abort; then begin again with one that may sign for members',
  );
  t.deepEqual(said({ peerRotation: unfit(['OCSPSigning']) }), [
    '/home/me/prod.pki/peer-ca/next-ca: the CA certificate allows OCSPSigning only; members need serverAuth and clientAuth, and etcd refuses what it signs, so it cannot be the next CA',
  ]);
  t.deepEqual(said({ rotation: { ...rotation, next: { ...next, hasKey: false } } }), [
    '/home/me/prod.pki/next-ca: the CA has no key beside it, so it cannot be the next CA',
  ]);
  const nameConstraints = { permitted: ['example.com'], excluded: [] };
  const narrow = { ...next, fact: { ...next.fact, nameConstraints } };
  t.deepEqual(said({ rotation: { ...rotation, next: narrow } }), [
    "/home/me/prod.pki/next-ca: the CA's name constraints do not allow etcd01, localhost, etcd02, etcd03, so it cannot be the next CA",
  ]);
});

test('planRevocation() puts a serial on the list of the CA that signed it, one nobody knows on both', (t) => {
  const facts = settled(separate);
  const lists = (serial: string, signedBy?: 'client' | 'peer') => {
    const revocations = [{ serial, date: inDays(0).toISOString(), reason: 'unspecified' as const }];
    const wishes = { revocations, signedBy, hours: 24, allowDowntime: false };
    const { waves, refusals } = planRevocation(separate, facts, wishes);
    t.deepEqual(refusals, []);
    return waves[0]?.lanes[0]?.steps.map((step) => 'authority' in step && step.authority);
  };
  t.deepEqual(lists('aa'), [false, 'peer']);
  t.deepEqual(lists('aa', 'client'), [false]);
  t.deepEqual(lists('aa', 'peer'), ['peer']);
});
