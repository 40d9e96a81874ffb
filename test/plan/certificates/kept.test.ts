import test from 'ava';
import { probeStep } from '../../../src/plan/certificates/probe-step.ts';
import { planRotation } from '../../../src/plan/certificates/rotate.ts';
import { caRotationRefusals } from '../../../src/plan/certificates/rotate-ca-refusals.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { describeStep } from '../../../src/plan/describe.ts';
import { inDays, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const desired = wanted(3, { pki: { keys: 'host' } });
const ROTATION = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};

/** The facts of a cluster whose members have the certificates that somebody else made, and whose CA's key is not here. */
function kept(hasKey = false): SeenFacts {
  const facts = settled(desired);
  const { store } = facts;
  if (store.ca === undefined) throw new TypeError('a store with a CA');
  const certificates = [...store.certificates]
    .filter(([id]) => id !== 'admin')
    .map(([id, one]) => {
      if (one.hostKey === undefined) throw new TypeError(`${id} has a key on its host`);
      const hostKey = { ...one.hostKey, madeByOthers: `/etc/etcd/${id}.key` };
      // None of it is as ours would be.
      const fact = { ...one.fact, names: ['IP'], usages: [], notAfter: inDays(3) };
      return [id, { ...one, fact, hostKey, issuerFingerprint256: undefined }] as const;
    });
  const certified = { ...store, ca: { ...store.ca, hasKey }, certificates: new Map(certificates) };
  return { ...facts, store: certified };
}

test('planCluster() leaves certificates of others as they are, without the key of their CA', (t) => {
  const { waves, refusals } = planCluster(desired, kept(), UP);
  t.deepEqual({ waves, refusals }, { waves: [], refusals: [] });
});

test('planCluster() makes all of them again once the key is there', (t) => {
  const { waves, refusals } = planCluster(desired, kept(true), UP);
  t.deepEqual(refusals, []);
  t.is(waves[0]?.title, 'make certificates');
});

test('planCluster() refuses what would have to be signed beside them, and says how it comes', (t) => {
  const more = wanted(3, {
    pki: { keys: 'host' },
    clients: [{ name: 'billing' }],
  });
  const { refusals } = planCluster(more, kept(), UP);
  t.deepEqual(
    refusals.map(({ kind, sentence }) => [kind, sentence]),
    [
      [
        'ca-cannot-sign',
        '/home/me/prod.pki: the key of the CA is not there, so billing cannot be issued',
      ],
    ],
  );
  t.is(refusals[0]?.next.length, 2);
});

test('planRotation() refuses to renew them, and names the change of the CA', (t) => {
  const { refusals } = planRotation(desired, kept(), { ...ROTATION, member: 'etcd02' });
  t.deepEqual(
    refusals.map(({ kind, about }) => [kind, about]),
    [['certificates-kept', ['etcd02']]],
  );
  t.regex(
    refusals[0]?.sentence ?? '',
    /^etcd02\/server, etcd02\/peer, etcd02\/healthcheck-client: /,
  );
  const next = refusals.flatMap((one) => one.next);
  t.regex(JSON.stringify(next), /rotate-ca/);
  // What does not end soon is not asked for.
  const soon = planRotation(desired, kept(), { ...ROTATION, withinDays: 2 });
  t.deepEqual(soon.refusals, []);
});

test('caRotationRefusals() lets a change of the CA begin', (t) => {
  t.deepEqual(caRotationRefusals(desired, kept(), { allowDowntime: false }), []);
});

test('probeStep() asks no client port to refuse anybody, where clients are asked for nothing', (t) => {
  const ports = (cluster: typeof desired) =>
    probeStep(cluster, 'etcd01', 'former-ca-refused', 'why').flatMap(({ listeners }) =>
      listeners.map(({ port }) => port),
    );
  t.deepEqual(ports(desired), ['client', 'peer']);
  const serving = { ...desired, adoptedClients: 'optional' } as const;
  t.deepEqual(ports(serving), ['peer']);
  t.deepEqual(probeStep(serving, 'etcd01', 'former-ca-refused', 'why').map(describeStep), [
    'see that the peer port refuses the old CA and connections without a certificate',
  ]);
  t.is(probeStep(serving, 'etcd01', 'new-leaves-served', 'why')[0]?.listeners.length, 2);
});
