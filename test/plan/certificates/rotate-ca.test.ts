import test from 'ava';
import type { RotationRecord } from '../../../src/pki/ca/rotation-record.ts';
import { trustBundle } from '../../../src/pki/ca/trust.ts';
import type { StoredCa } from '../../../src/pki/store/store-facts.ts';
import { type CaPhase, caPhase } from '../../../src/plan/certificates/ca-phase.ts';
import { planCaRotation } from '../../../src/plan/certificates/rotate-ca.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import {
  but,
  butAll,
  notAnswering,
  type SeenFacts,
  STARTED,
  settled,
  sha256,
  stopped,
  UP,
  wanted,
} from '../facts.ts';
import { outline } from '../outline.ts';

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
function trusting(facts: SeenFacts, bundle: string, late: readonly string[] = []): SeenFacts {
  return butAll(facts, ({ pki }, name) => {
    const file = pki.files.get('ca.crt');
    if (file === undefined) throw new TypeError('a member has a CA');
    const modifiedAt = late.includes(name) ? STARTED + 5 : file.modifiedAt;
    const files = new Map(pki.files).set('ca.crt', { ...file, sha256: sha256(bundle), modifiedAt });
    return { pki: { ...pki, files } };
  });
}

/** A new CA was made, nothing else. */
const made: SeenFacts = {
  ...settledFacts,
  rotation: { next, previous: undefined, retired: [] },
};
const both = trustBundle([ca, next]);
const AGREED = { at: '2026-11-21T11:00:00.000Z', by: 'me@here' };
const widened = trusting(made, both);
/** The new CA signs in the store, where the leaves are still those of the old one. */
const promoted: SeenFacts = {
  ...trusting(settledFacts, trustBundle([next, ca])),
  store: { ...settledFacts.store, ca: next },
  rotation: { next: undefined, previous: ca, retired: [] },
};
/** The same in the store, and on the members. */
const out: SeenFacts = {
  ...promoted,
  store: {
    ...promoted.store,
    certificates: new Map(
      [...promoted.store.certificates].map(([id, found]) => [
        id,
        { ...found, issuerFingerprint256: next.fact.fingerprint256 },
      ]),
    ),
  },
};
/** Somebody agreed that trust in the old CA ends; these members trust the new one alone already. */
function ending(names: readonly string[], late: readonly string[] = []): SeenFacts {
  const rotation = { ...out.rotation, record: { consent: AGREED } };
  const narrow = trusting(out, next.pem, late).members;
  const members = [...out.members].map(
    ([name, found]) => [name, (names.includes(name) && narrow.get(name)) || found] as const,
  );
  return { ...out, rotation, members: new Map(members) };
}
const given: SeenFacts = {
  ...out,
  rotation: { next: undefined, previous: undefined, retired: [ca] },
};
const retired: SeenFacts = {
  ...given,
  rotation: { ...given.rotation, record: { consent: AGREED } },
};

const is = test.macro((t, facts: SeenFacts, phase: CaPhase) => {
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

const WATCH = '    watch-clients (a client that is rejected has not followed yet)';
const restarted = (purpose: string, order = ORDER, after: readonly string[] = []) =>
  order.flatMap(([name, others]) => [
    `let ${name} ${purpose}`,
    `  before ${others}`,
    `  ${name}:`,
    `    install-certificates (${purpose})`,
    '    yield-leadership (a leader that stops costs an election)',
    '    restart-unit (etcd reads CA files only at its start)',
    '    await-ready (the next member may only stop when this one is back)',
    ...after,
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
  '    note-connections (they were opened before its new leaves)',
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

const tried = [
  'see on etcd02 who refuses the new CA',
  '  etcd02:',
  '    try-next-leaf (a client that does not trust the new CA would be cut off by it)',
  `  gate ${ALL}`,
];
const promotes = (signing: 'new' | 'old') => [
  ...probed(`see that the ${signing} CA is trusted`),
  ...[
    `let the ${signing} CA sign`,
    '  here:',
    '    promote-ca (every member trusts it)',
    ...issued,
  ],
  ...swapped.map((line) => line.replace('the new CA', `the ${signing} CA`)),
];
const signed = [...tried, ...promotes('new')];
const agreed = [
  ...['record the consent', '  here:'],
  '    record-consent (clients of the old CA are refused then)',
];
const shown = probed('see that nobody shows the old CA any more');
const gone = [
  ...['end the trust in the old CA', '  here:', '    retire-ca (no member trusts it any more)'],
];
const refused = [
  ...probed('see that the old CA is refused'),
  ...['record that the rotation is over', '  here:'],
  '    record-proof (every member refuses the old CA)',
];
const watched = (...names: readonly string[]) => [
  'see which clients they reject',
  `  ${names.join(' ')}:`,
  '    watch-clients (a run that ended early may not have read it)',
  `  gate ${names.join(' ')}`,
];
const ended = (order = ORDER) => restarted('trust the new CA only', order, [WATCH]);

const plans = test.macro((t, facts: SeenFacts, expected: readonly string[]) => {
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
]);
test('planCaRotation() stops while both CAs are trusted', plans, out, []);
test('planCaRotation() only narrows trust once the old CA is given up', plans, retired, [
  ...ended(),
  ...refused,
]);

const asked = test.macro(
  (t, facts: SeenFacts, wish: 'finish' | 'abort', expected: readonly string[]) => {
    const wishes = { ...WISHES, [wish]: true, by: 'me@here' };
    t.deepEqual(outline(planCaRotation(desired, facts, wishes)), expected);
  },
);

test(
  'planCaRotation() records consent, then narrows trust member by member, and gives up the CA last',
  asked,
  out,
  'finish',
  [...shown, ...agreed, ...ended(), ...gone, ...refused],
);
test(
  'planCaRotation() goes on narrowing where it was killed',
  asked,
  ending(['etcd02']),
  'finish',
  [...shown, ...ended(ORDER.slice(1)), ...watched('etcd02'), ...gone, ...refused],
);
test(
  'planCaRotation() restarts a member that was brought the new CA alone and was not restarted',
  asked,
  ending(['etcd02', 'etcd03'], ['etcd03']),
  'finish',
  [...shown, ...ended(ORDER.slice(1)), ...watched('etcd02'), ...gone, ...refused],
);
test(
  'planCaRotation() proves that the old CA is refused where a run was killed before it had',
  asked,
  over({ ended: '2026-11-21T11:00:00.000Z' }),
  'finish',
  refused,
);
for (const record of [
  {},
  { ended: '2026-11-21T11:00:00.000Z', proven: '2026-11-21T11:00:01.000Z' },
])
  test(
    `planCaRotation() has nothing to finish where a rotation is over (${JSON.stringify(record)})`,
    asked,
    over(record),
    'finish',
    [],
  );
test('planCaRotation() sets a new CA aside that has not signed', asked, widened, 'abort', [
  ...['give up the new CA', '  here:', '    drop-next-ca (it has signed nothing that is in use)'],
  ...restarted('trust the old CA only'),
]);
test(
  'planCaRotation() sets a new CA aside that may not sign for members',
  asked,
  {
    ...widened,
    rotation: {
      ...widened.rotation,
      next: { ...next, fact: { ...next.fact, usages: ['serverAuth'] } },
    },
  },
  'abort',
  [
    ...['give up the new CA', '  here:', '    drop-next-ca (it has signed nothing that is in use)'],
    ...restarted('trust the old CA only'),
  ],
);
test(
  'planCaRotation() restarts nobody for a new CA that nobody was brought',
  asked,
  made,
  'abort',
  [...['give up the new CA', '  here:', '    drop-next-ca (it has signed nothing that is in use)']],
);
test('planCaRotation() goes back to the old CA with both trusted', asked, out, 'abort', [
  ...['go back to the old CA', '  here:', '    turn-round-ca (the rotation is aborted)'],
  ...promotes('old'),
]);
test(
  'planCaRotation() has members that trust one CA trust both again before it goes back',
  asked,
  ending(['etcd02']),
  'abort',
  [
    ...['go back to the old CA', '  here:', '    withdraw-consent (both CAs stay trusted)'],
    '    turn-round-ca (the rotation is aborted)',
    ...restarted('trust both CAs', ORDER.slice(0, 1)),
    ...promotes('old'),
  ],
);
test(
  'planCaRotation() goes on going back where it was killed',
  asked,
  turned(),
  'abort',
  promotes('old'),
);

for (const [facts, wish, sentence] of [
  [settledFacts, 'finish', 'prod: no rotation of the CA is under way'],
  [settledFacts, 'abort', 'prod: no rotation of the CA is under way'],
  [widened, 'finish', 'prod: the new certificates are not out everywhere yet'],
  [promoted, 'finish', 'prod: the new certificates are not out everywhere yet'],
  [retired, 'abort', 'prod: the old CA is given up already; there is nothing to go back to'],
  [
    {
      ...out,
      rotation: {
        ...out.rotation,
        previous: { ...ca, fact: { ...ca.fact, usages: ['serverAuth'] } },
      },
    },
    'abort',
    'prod: the old CA can sign nothing any more: the CA certificate allows serverAuth only; members need serverAuth and clientAuth, and etcd refuses what it signs',
  ],
  [
    { ...out, rotation: { ...out.rotation, previous: { ...ca, hasKey: false } } },
    'abort',
    'prod: the key of the old CA is not in the store, so it can sign nothing any more',
  ],
] as const) {
  test(`planCaRotation() refuses --${wish}: ${sentence} (${caPhase(desired, facts)})`, (t) => {
    const { waves, refusals } = planCaRotation(desired, facts, { ...WISHES, [wish]: true });
    t.deepEqual(waves, []);
    t.deepEqual(
      refusals.map((one) => one.sentence),
      [sentence],
    );
  });
}

test('planCaRotation() and planCluster() narrow nobody without consent', (t) => {
  const sentence =
    'prod: etcd01, etcd02, etcd03 still trust the old CA, which the store has given up, and the store has no record that somebody agreed to end that trust: clients with certificates of it would be cut off';
  for (const plan of [planCaRotation(desired, given, WISHES), planCluster(desired, given, UP)])
    t.true(plan.refusals.some((one) => one.sentence === sentence));
  const { refusals } = planCaRotation(desired, given, { ...WISHES, finish: true });
  t.deepEqual(refusals, []);
});

test('planCluster() leaves members alone whose trust is narrowed, and those whose is not', (t) => {
  const files = (facts: SeenFacts) => outline(planCluster(desired, facts, UP));
  t.deepEqual(files(ending(['etcd02'])), []);
  t.deepEqual(files(out), []);
});

/** The old CA is given up, and every member does without it. */
function over(record: RotationRecord): SeenFacts {
  const facts = trusting(retired, next.pem);
  return {
    ...facts,
    rotation: { ...facts.rotation, record: { ...facts.rotation.record, ...record } },
  };
}

/** A rotation that was turned round, and killed before the old CA signed again. */
function turned(): SeenFacts {
  const rotation = { next: ca, previous: undefined, retired: [], record: { back: true } };
  return { ...out, rotation };
}

const refuses = test.macro((t, cluster: typeof desired, facts: SeenFacts, expected: string[]) => {
  const plan = planCaRotation(cluster, facts, WISHES);
  t.deepEqual(plan.waves, []);
  t.deepEqual(
    plan.refusals.map(({ sentence }) => sentence),
    expected,
  );
});

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
  but(settledFacts, 'etcd02', () => ({ etcd: notAnswering('context deadline exceeded') })),
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
