import test from 'ava';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import type { StoredCa } from '../../src/pki/store.ts';
import { trustBundle } from '../../src/pki/trust.ts';
import { type CaPhase, caPhase } from '../../src/plan/ca-phase.ts';
import { planCaRotation } from '../../src/plan/rotate-ca.ts';
import { but, butAll, STARTED, settled, sha256, silent, stopped, wanted } from './facts.ts';
import { outline } from './outline.ts';

const desired = wanted();
const WISHES = { consumersReady: false, allowDowntime: false };
const settledFacts = settled(desired);
const ca = settledFacts.store.ca;
if (ca === undefined) throw new TypeError('a settled cluster has a CA');

const other = (name: string): StoredCa => ({
  ...ca,
  pem: `the ${name} CA of prod\n`,
  fact: { ...ca.fact, fingerprint256: name },
});
const next = other('next');

/** Members of these names have this bundle, written so many seconds after their etcd was started. */
function trusting(facts: ClusterFacts, bundle: string, late: readonly string[] = []): ClusterFacts {
  return butAll(facts, ({ pki }, name) => {
    const file = pki.files.get('ca.crt');
    if (file === undefined) throw new TypeError('a member has a CA');
    const modifiedAt = late.includes(name) ? STARTED + 5 : file.modifiedAt;
    const files = new Map(pki.files).set('ca.crt', { ...file, sha256: sha256(bundle), modifiedAt });
    return { pki: { ...pki, files } };
  });
}

/** A new CA was made, nothing else. */
const made: ClusterFacts = {
  ...settledFacts,
  rotation: { next, previous: undefined, retired: [] },
};
const both = trustBundle([ca, next]);
const widened = trusting(made, both);
/** The new CA signs in the store, where the leaves are still those of the old one. */
const promoted: ClusterFacts = {
  ...trusting(settledFacts, trustBundle([next, ca])),
  store: { ...settledFacts.store, ca: next },
  rotation: { next: undefined, previous: ca, retired: [] },
};
const retired: ClusterFacts = {
  ...promoted,
  rotation: { next: undefined, previous: undefined, retired: [ca] },
};

const is = test.macro((t, facts: ClusterFacts, phase: CaPhase) => {
  t.is(caPhase(desired, facts), phase);
});

test('caPhase() sees that no rotation is under way', is, settledFacts, 'none');
test('caPhase() sees a new CA that nobody trusts yet', is, made, 'trust');
test(
  'caPhase() sees a member that was brought both CAs and has not been restarted',
  is,
  trusting(made, both, ['etcd02']),
  'trust',
);
test('caPhase() sees that every member trusts both', is, widened, 'sign');
test('caPhase() sees that the new CA signs', is, promoted, 'leaves');
test('caPhase() sees that the old CA is to go', is, retired, 'drop');

const ALL = 'etcd01 etcd02 etcd03';
/** The leader, etcd01, is last. */
const ORDER: readonly (readonly [string, string])[] = [
  ['etcd02', 'etcd01 etcd03'],
  ['etcd03', 'etcd01 etcd02'],
  ['etcd01', 'etcd02 etcd03'],
];

const restarted = (purpose: string, order = ORDER) =>
  order.flatMap(([name, others]) => [
    `let ${name} ${purpose}`,
    `  before ${others}`,
    `  ${name}:`,
    `    install-certificates (${purpose})`,
    '    yield-leadership (a leader that stops costs an election)',
    '    restart-unit (etcd reads CA files only at its start)',
    '    await-ready (the next member may only stop when this one is back)',
    '  or back:',
    `  ${name}:`,
    '    restore-certificates (the change failed)',
    '    enable-unit (its file is the former one again)',
    '    restart-unit (the change failed)',
    '    await-ready (it was ready before)',
    `  gate ${ALL}`,
  ]);

const swapped = ORDER.flatMap(([name, others]) => [
  `swap the certificates of ${name}`,
  `  before ${others}`,
  `  ${name}:`,
  '    install-certificates (its leaves come from the new CA)',
  '    probe-listeners (old connections would hide a certificate that fails)',
  '  or back:',
  `  ${name}:`,
  '    restore-certificates (the change failed)',
  `  gate ${ALL}`,
]);

const probed = (title: string) => [
  title,
  `  ${ALL}:`,
  '    probe-listeners (only a fresh handshake proves it)',
];

const issued = desired.certificates.map(
  ({ id }) => `    issue-certificate ${id} (signed by another CA)`,
);

const narrowed = [
  ...restarted('trust the new CA only'),
  ...probed('see that the old CA is refused'),
];
const dropped = [
  ...probed('see that nobody shows the old CA any more'),
  ...['end the trust in the old CA', '  here:'],
  '    retire-ca (no listener shows a certificate of it any more)',
  ...narrowed,
];
const signed = [
  ...probed('see that the new CA is trusted'),
  ...['let the new CA sign', '  here:', '    promote-ca (every member trusts it)', ...issued],
  ...swapped,
  ...dropped,
];

const plans = test.macro((t, facts: ClusterFacts, expected: readonly string[]) => {
  t.deepEqual(outline(planCaRotation(desired, facts, WISHES)), expected);
});

test(
  'planCaRotation() widens trust, changes leaves, narrows trust, the leader last each time',
  plans,
  settledFacts,
  [
    ...['make the new CA', '  here:', '    create-next-ca (the CA is rotated)'],
    ...restarted('trust both CAs'),
    ...signed,
  ],
);
test(
  'planCaRotation() restarts only whom it has to when it goes on widening trust',
  plans,
  trusting(made, both, ['etcd02']),
  [...restarted('trust both CAs', ORDER.slice(0, 1)), ...signed],
);
test('planCaRotation() lets the new CA sign when all trust it', plans, widened, signed);
test('planCaRotation() makes what is missing of the new leaves when it goes on', plans, promoted, [
  ...['issue from the new CA', '  here:', ...issued],
  ...swapped,
  ...dropped,
]);
test('planCaRotation() only narrows trust once the old CA is retired', plans, retired, narrowed);

const refuses = test.macro(
  (t, cluster: typeof desired, facts: ClusterFacts, expected: string[]) => {
    const plan = planCaRotation(cluster, facts, WISHES);
    t.deepEqual(plan.waves, []);
    t.deepEqual(
      plan.refusals.map(({ sentence }) => sentence),
      expected,
    );
  },
);

const plain = wanted(3, { protocol: 'http' });
const pair = wanted(2);

test('planCaRotation() refuses http', refuses, plain, settled(plain), [
  'prod: speaks http, so there is no CA to rotate',
]);
test(
  'planCaRotation() refuses while a member is stopped',
  refuses,
  desired,
  but(settledFacts, 'etcd02', stopped),
  [
    'etcd02: does not answer a linearizable read (no etcd process); a rotation of the CA needs every member',
    'prod: etcd02 differs from the inventory in more than certificates, and a rotation changes nothing else',
  ],
);
test(
  'planCaRotation() refuses while a member does not answer',
  refuses,
  desired,
  but(settledFacts, 'etcd02', () => ({ etcd: silent('context deadline exceeded') })),
  [
    'etcd02: does not answer a linearizable read (context deadline exceeded); a rotation of the CA needs every member',
  ],
);
test(
  'planCaRotation() refuses two members without leave to stop writes',
  refuses,
  pair,
  settled(pair),
  ['prod: with 2 members each of two restarts stops all writes for some seconds'],
);
