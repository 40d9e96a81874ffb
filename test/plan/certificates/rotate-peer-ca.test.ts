import test from 'ava';
import type { RotationRecord } from '../../../src/pki/ca/rotation-record.ts';
import type { StoredCa } from '../../../src/pki/store/store-facts.ts';
import { type PeerCaPhase, peerCaPhase } from '../../../src/plan/certificates/peer-ca-phase.ts';
import { planRevocation } from '../../../src/plan/certificates/revoke.ts';
import { planCaRotation } from '../../../src/plan/certificates/rotate-ca.ts';
import { planPeerCa } from '../../../src/plan/certificates/rotate-peer-ca.ts';
import { sha256, trustOf } from '../../../src/plan/certificates/trust.ts';
import { describeStep } from '../../../src/plan/describe.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import {
  type PeerChange,
  peerChange,
  peerChangeProblem,
} from '../../../src/plan/switching/peer-change.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  butAll,
  inDays,
  notAnswering,
  type SeenFacts,
  settled,
  TOKEN,
  WRITTEN,
  wanted,
} from '../facts.ts';

const shared = wanted(3, { pki: { peerCa: 'shared' } });
const separate = wanted(3, { pki: { peerCa: 'separate' } });
const SPLIT = { split: true, allowDowntime: false };
const PEER = { split: false, allowDowntime: false };
const NONE = { next: undefined, previous: undefined, retired: [] };

/** A running cluster whose peers trust the CA of clients. */
const before = settled(shared);
const client = before.store.ca as StoredCa;
const next: StoredCa = {
  ...client,
  fact: { ...client.fact, fingerprint256: 'next' },
  pem: 'the new CA of the peers\n',
};

/** The same with a store in which the split has come so far, members having started with that. */
function split(store: Partial<SeenFacts>, trusting = true): SeenFacts {
  const facts = { ...before, store: { ...before.store, peerCa: client }, ...store };
  if (!trusting) return facts;
  return butAll(facts, ({ pki, unit }, name) => {
    const member = separate.members.find((one) => one.name === name);
    const environment = member?.environment({ token: TOKEN, state: 'new' }) ?? new Map();
    const file = {
      ...{ mode: 0o644, owner: 'root:root', modifiedAt: WRITTEN },
      sha256: sha256(trustOf(facts, 'peer')),
    };
    return {
      pki: { ...pki, files: new Map(pki.files).set('peer-ca.crt', file) },
      unit: { ...unit, process: unit.process && { ...unit.process, environment } },
      conf: {
        ...{ mode: 0o644, owner: 'root:root', modifiedAt: WRITTEN },
        content: member?.confFile({ token: TOKEN, state: 'existing' }) ?? '',
      },
    };
  });
}

function titles({ waves, refusals }: Plan): readonly string[] {
  return [
    ...refusals.map(({ sentence }) => `refused: ${sentence}`),
    ...waves.map(({ title }) => title),
  ];
}

const WIDEN = ['etcd02', 'etcd03', 'etcd01'].map(
  (name) => `let ${name} trust both CAs at its peer port`,
);
const SWAP = ['etcd02', 'etcd03', 'etcd01'].map((name) => `swap the certificates of ${name}`);
const NARROW = ['etcd02', 'etcd03', 'etcd01'].map(
  (name) => `let ${name} trust the new CA only at its peer port`,
);
const SIGN = ['see that peers trust the new CA', 'let the new CA sign for peers', ...SWAP];
const PROOF = ['see that clients are refused at peer ports', 'record that the change is over'];
const END = [
  'see that no peer shows the old CA',
  'end the trust of peers in the old CA',
  ...NARROW,
  ...PROOF,
];

const peerRotation = { ...NONE, next };
const promoted = { ...before.store, peerCa: next };
const leavesOfNext = new Map(
  [...before.store.certificates].map(([id, one]) => [
    id,
    id.endsWith('/peer') ? { ...one, issuerFingerprint256: 'next' } : one,
  ]),
);

const PHASES: readonly (readonly [string, SeenFacts, PeerCaPhase, readonly string[]])[] = [
  ['nothing is done yet', before, 'none', ['make the CA of the peers', ...WIDEN, ...SIGN, ...END]],
  [
    'the next CA is made, the shared one not yet in its place',
    { ...before, peerRotation },
    'trust',
    ['make the CA of the peers', ...WIDEN, ...SIGN, ...END],
  ],
  [
    'no member trusts both yet',
    split({ peerRotation }, false),
    'trust',
    [...WIDEN, ...SIGN, ...END],
  ],
  ['every member trusts both', split({ peerRotation }), 'sign', [...SIGN, ...END]],
  [
    'the new CA signs, and nothing is issued',
    split({ store: promoted, peerRotation: { ...NONE, previous: client } }),
    'leaves',
    ['issue from the new CA of the peers', ...SWAP, ...END],
  ],
  [
    'every leaf is of the new CA',
    split({
      store: { ...promoted, certificates: leavesOfNext },
      peerRotation: { ...NONE, previous: client },
    }),
    'leaves',
    END,
  ],
  [
    'the old CA is retired, and members still trust both',
    {
      ...split({
        store: { ...promoted, certificates: leavesOfNext },
        peerRotation: { ...NONE, previous: client },
      }),
      peerRotation: { ...NONE, retired: [client] },
    },
    'drop',
    [...NARROW, ...PROOF],
  ],
  [
    'all is done',
    split({ store: { ...promoted, certificates: leavesOfNext }, peerRotation: NONE }),
    'none',
    [],
  ],
];

for (const [what, facts, phase, expected] of PHASES) {
  test(`planPeerCa() splits on where ${what}`, (t) => {
    t.is(peerCaPhase(separate, facts), phase);
    t.deepEqual(titles(planPeerCa(separate, facts, SPLIT)), expected);
  });
}

test('planPeerCa() exchanges the CA of peers alone, with no client or consumer in it', (t) => {
  const plan = planPeerCa(separate, settled(separate), PEER);
  t.deepEqual(titles(plan), ['make the CA of the peers', ...WIDEN, ...SIGN, ...END]);
  const issued = plan.waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'issue-certificate' ? [step.certificate.id] : [])),
    ),
  );
  t.deepEqual(issued, ['etcd01/peer', 'etcd02/peer', 'etcd03/peer']);
});

test('planPeerCa() restarts a member with the way back, and changes nothing of it but what peers trust', (t) => {
  const [, wave] = planPeerCa(separate, before, SPLIT).waves;
  t.deepEqual(
    wave?.lanes[0]?.steps.map((step) => describeStep(step)),
    [
      'install certificates behind /etc/etcd/pki',
      'write /etc/etcd/etcd.conf',
      'hand leadership to another member, if it leads',
      'restart etcd.service',
      'wait until etcd.service is ready',
    ],
  );
  t.deepEqual(
    wave?.undo.map(({ host, steps }) => [host, steps.map(({ kind }) => kind)]),
    [
      [
        'etcd02',
        ['write-files', 'restore-certificates', 'enable-unit', 'restart-unit', 'await-ready'],
      ],
    ],
  );
});

const ENDED = { ended: '2026-11-20T12:30:00.000Z' };
/** A rotation or split that ended so: every member trusts the CA that signs now, alone. */
const over = (record: RotationRecord) =>
  split({
    store: { ...promoted, certificates: leavesOfNext },
    peerRotation: { ...NONE, retired: [client], record },
  });

test('planPeerCa() finishes a run that was killed before its proof, and begins no second exchange', (t) => {
  for (const wishes of [SPLIT, PEER, { ...PEER, again: true }])
    t.deepEqual(titles(planPeerCa(separate, over(ENDED), wishes)), PROOF);
});

test('planPeerCa() has nothing to do shortly after an exchange, unless another one is asked for', (t) => {
  const all = ['make the CA of the peers', ...WIDEN, ...SIGN, ...END];
  const at = (proven: string) => over({ ...ENDED, proven });
  const [recent, long] = [at('2026-11-20T12:31:00.000Z'), at('2026-11-20T11:59:00.000Z')];
  t.deepEqual(titles(planPeerCa(separate, recent, PEER)), []);
  t.deepEqual(titles(planPeerCa(separate, recent, { ...PEER, again: true })), all);
  t.deepEqual(titles(planPeerCa(separate, long, PEER)), all);
  // One of a version before this recorded neither.
  t.deepEqual(titles(planPeerCa(separate, over({}), PEER)), all);
  for (const facts of [recent, long, over({})])
    t.deepEqual(titles(planPeerCa(separate, facts, SPLIT)), []);
});

const CHANGES: readonly (readonly [string, SeenFacts, PeerChange | undefined])[] = [
  ['no split was begun', before, undefined],
  ['the next CA is made', { ...before, peerRotation }, { stage: 'trust', split: true }],
  ['members trust both', split({ peerRotation }), { stage: 'trust', split: true }],
  [
    'the new CA signs',
    split({ store: promoted, peerRotation: { ...NONE, previous: client } }),
    { stage: 'both', split: true },
  ],
  [
    'the old CA is retired',
    {
      ...split({ store: promoted, peerRotation: { ...NONE, previous: client } }),
      peerRotation: { ...NONE, retired: [client], record: ENDED },
    },
    { stage: 'ends', split: true },
  ],
  ['the proof is missing', over(ENDED), { stage: 'proof', split: true }],
  ['it is over', over({ ...ENDED, proven: ENDED.ended }), undefined],
  [
    'the peers exchange a CA of their own',
    { ...settled(separate), peerRotation },
    { stage: 'trust', split: false },
  ],
];

for (const [what, facts, expected] of CHANGES)
  test(`peerChange() tells how far a change has come where ${what}`, (t) => {
    t.deepEqual(peerChange(separate, facts), expected);
    // What it says finishes it has something left to do.
    if (expected !== undefined)
      t.not(titles(planPeerCa(separate, facts, { ...PEER, split: expected.split })).length, 0);
  });

const told = (change: PeerChange) => {
  const { sentence, next } = peerChangeProblem(change);
  return [sentence, `  next: ${nextText(next, 'i.yaml')}`];
};

test('peerChangeProblem() says where it stands, and the command that finishes it', (t) => {
  t.deepEqual(
    (['trust', 'both', 'ends', 'proof'] as const).map((stage) =>
      told({ stage, split: stage === 'trust' }),
    ),
    [
      [
        'change of the CA of the peers: unfinished, the new CA does not sign yet',
        '  next: finish it: provision certs rotate-ca i.yaml --split',
      ],
      [
        'change of the CA of the peers: unfinished, both CAs are trusted and the new one signs',
        '  next: finish it: provision certs rotate-ca i.yaml --peer',
      ],
      [
        'change of the CA of the peers: unfinished, the store has given the old CA up, and members learn that by a restart',
        '  next: finish it: provision certs rotate-ca i.yaml --peer',
      ],
      [
        'change of the CA of the peers: unfinished, members trust the new CA alone, and nobody has seen yet that they refuse the old one',
        '  next: finish it: provision certs rotate-ca i.yaml --peer',
      ],
    ],
  );
});

const refused = (plan: Plan) =>
  plan.refusals.map(({ sentence, next: then }) => `${sentence} | ${nextText(then, 'i.yaml')}`);

test('planPeerCa() refuses what is not to be split or rotated, and says what is', (t) => {
  t.deepEqual(refused(planPeerCa(shared, before, PEER)), [
    'prod: peers share the CA of clients, so there is none of their own to rotate | give them one: provision certs rotate-ca i.yaml --split; or rotate the CA for both: provision certs rotate-ca i.yaml',
  ]);
  t.deepEqual(refused(planPeerCa({ ...separate, otherPeerCa: 'shared' }, before, SPLIT)), [
    "prod: the inventory says pki.peerCa: shared, and this is about a CA of the peers' own | take pki.peerCa out of the inventory, or set it to separate, then run the same command again",
  ]);
  const mute = butAll(before, () => ({ etcd: notAnswering('timeout') }));
  t.deepEqual(
    refused(planPeerCa(separate, mute, SPLIT)).map((one) => one.split(' | ')[0]),
    ['etcd01', 'etcd02', 'etcd03'].map(
      (name) =>
        `${name}: does not answer a linearizable read (timeout); a change of what peers trust needs every member`,
    ),
  );
  const http = wanted(3, { protocol: 'http' });
  t.deepEqual(refused(planPeerCa(http, settled(http), SPLIT)), [
    'prod: speaks http, so peers trust no CA | switch to https first: provision migrate i.yaml --to https',
  ]);
});

/** What is left of an inventory that etcd03 was taken out of, while etcd's list has it. */
const two = wanted(2, { pki: { peerCa: 'separate' } });
const STRANGER =
  'the running cluster has a member etcd03 at https://198.18.0.13:2380 that the inventory does not name; it counts: 2 of 3 must answer';

for (const [what, facts, phase] of PHASES.filter(([, , phase]) => phase !== 'none'))
  test(`planPeerCa() does not go on past a member that the inventory does not name where ${what}`, (t) => {
    const members = new Map([...facts.members].filter(([name]) => name !== 'etcd03'));
    const seen = { ...facts, members };
    const plan = (allowDowntime: boolean) =>
      titles(planPeerCa(two, seen, { ...SPLIT, allowDowntime }));
    t.is(peerCaPhase(two, seen), phase);
    t.deepEqual(plan(false), [
      'refused: prod: with 3 members, of which 2 can answer, each of two restarts stops all writes for some seconds',
    ]);
    t.deepEqual(plan(true), [`refused: ${STRANGER}`]);
  });

test('planPeerCa() says what ends a rotation of the CA of clients, from where that stands', (t) => {
  const remedies = (rotation: SeenFacts['rotation']) =>
    refused(planPeerCa(separate, { ...before, rotation }, SPLIT)).map((one) => {
      const [sentence, then] = one.split(' | ');
      t.is(
        sentence,
        'prod: a rotation of the CA of clients is under way, and one change of trust at a time can be undone',
      );
      return then;
    });
  const command = 'provision certs rotate-ca i.yaml';
  t.deepEqual(
    [
      { ...NONE, next },
      { ...NONE, next, record: { back: true } },
      { ...NONE, previous: next },
      { ...NONE, previous: next, record: { back: true } },
    ].map(remedies),
    [
      [
        `end it first: ${command}; then, once clients have followed: ${command} --finish; or go back first: ${command} --abort`,
      ],
      [`end it first: ${command}; then, once clients have followed: ${command} --finish`],
      [
        `once clients have followed, end it first: ${command} --finish; or go back first: ${command} --abort; then: ${command} --finish`,
      ],
      [`once clients have followed, end it first: ${command} --finish`],
    ],
  );
});

test('planPeerCa() refuses where something else of a member would change on the way', (t) => {
  const other = wanted(3, {
    etcd: { version: '3.5.30', settings: { 'max-request-bytes': 2_000_000 } },
    pki: { peerCa: 'separate' },
  });
  t.deepEqual(refused(planPeerCa(other, before, SPLIT)).length, 1);
  t.regex(
    refused(planPeerCa(other, before, SPLIT)).join(),
    /^prod: etcd02, etcd03, etcd01 differ from the inventory in more than certificates/,
  );
});

test('planPeerCa() has the new CA sign the list of what is revoked among peers, too', (t) => {
  const crl = { sha256: 'list' };
  const lists = (facts: SeenFacts) =>
    planPeerCa(separate, facts, SPLIT).waves.flatMap(({ lanes }) =>
      lanes.flatMap(({ steps }) =>
        steps.flatMap((step) => (step.kind === 'revoke' ? [step.authority] : [])),
      ),
    );
  t.deepEqual(lists(before), []);
  t.deepEqual(lists(split({ peerRotation, peerCrl: crl }, false)), ['peer']);
});

test('planCaRotation() does not begin while what peers trust is being changed', (t) => {
  const wishes = { consumersReady: false, allowDowntime: false };
  t.regex(
    refused(planCaRotation(separate, split({ peerRotation }), wishes)).join(),
    /a change of the CA of the peers is under way.*certs rotate-ca i\.yaml --split/,
  );
  const half = { ...settled(separate), peerRotation };
  t.regex(
    refused(planCaRotation(separate, half, wishes)).join(),
    /a change of the CA of the peers is under way.*certs rotate-ca i\.yaml --peer/,
  );
});

test('planCaRotation() leaves peers alone where they have a CA of their own', (t) => {
  const wishes = { consumersReady: false, allowDowntime: false };
  const { waves } = planCaRotation(separate, settled(separate), wishes);
  const issued = waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'issue-certificate' ? [step.certificate.row] : [])),
    ),
  );
  t.deepEqual([...new Set(issued)], ['server', 'healthcheck-client', 'admin']);
});

test('planRevocation() puts a serial on both lists while one CA has signed for clients and peers', (t) => {
  const revocations = [
    { serial: 'aa', date: inDays(0).toISOString(), reason: 'unspecified' as const },
  ];
  const wishes = { revocations, signedBy: 'client' as const, hours: 24, allowDowntime: false };
  const { waves, refusals } = planRevocation(separate, split({ peerRotation }), wishes);
  t.deepEqual(refusals, []);
  t.deepEqual(
    waves[0]?.lanes[0]?.steps.map((step) => 'authority' in step && step.authority),
    [false, 'peer'],
  );
});
