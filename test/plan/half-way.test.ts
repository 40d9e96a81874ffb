import test from 'ava';
import type { RestoreFact } from '../../src/facts/data/restore.ts';
import { trustBundle } from '../../src/pki/ca/trust.ts';
import type { StoredCa } from '../../src/pki/store/store-facts.ts';
import { planRevocation } from '../../src/plan/certificates/revoke.ts';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../src/plan/certificates/rotate-ca.ts';
import { planPeerCa } from '../../src/plan/certificates/rotate-peer-ca.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planRestore } from '../../src/plan/restoring/restore.ts';
import type { RestoreOptions } from '../../src/plan/restoring/restore-options.ts';
import { planSwitch } from '../../src/plan/switching/switch.ts';
import { rotating } from '../../src/plan/switching/switch-refusals.ts';
import { nextText } from '../../src/problem/render.ts';
import { butAll, inDays, type SeenFacts, sha256, UP } from './facts.ts';
import { listedAs, runningAs, serving, switching } from './switching.ts';

const toHttp = switching('http', 3, '3.5.30', 'separate');
const toHttps = switching('https', 3, '3.5.30', 'separate');
/** The cluster over https, as its inventory says; and with another setting. */
const secure = toHttp.from;
const http = toHttps.from;
const { before } = toHttp;
const ca = before.store.ca as StoredCa;
const peerCa = before.store.peerCa as StoredCa;
const NONE = { next: undefined, previous: undefined, retired: [] };

function another(one: StoredCa, name: string): StoredCa {
  return { ...one, pem: `${name}\n`, fact: { ...one.fact, fingerprint256: name } };
}
const next = another(ca, 'next');
const nextPeer = another(peerCa, 'next peer');

/** The facts with a bundle of CAs on every member, there before its etcd was started. */
function bundled(facts: SeenFacts, file: string, cas: readonly StoredCa[]): SeenFacts {
  return butAll(facts, ({ pki }) => {
    const found = pki.files.get(file);
    if (found === undefined) throw new TypeError(`no ${file}`);
    const files = new Map(pki.files).set(file, { ...found, sha256: sha256(trustBundle(cas)) });
    return { pki: { ...pki, files } };
  });
}

/** The store with leaves of this kind from another CA. */
function leavesOf(facts: SeenFacts, row: RegExp, issuer: string): SeenFacts['store'] {
  const certificates = [...facts.store.certificates].map(
    ([id, one]) => [id, row.test(id) ? { ...one, issuerFingerprint256: issuer } : one] as const,
  );
  return { ...facts.store, certificates: new Map(certificates) };
}

const OTHERS = /(?:server|client|admin)$/;
const signs = bundled(before, 'ca.crt', [ca, next]);
const clientsBoth: SeenFacts = {
  ...signs,
  store: { ...leavesOf(before, OTHERS, 'next'), ca: next },
  rotation: { ...NONE, previous: ca },
};
const peersBoth: SeenFacts = {
  ...bundled(before, 'peer-ca.crt', [peerCa, nextPeer]),
  store: { ...leavesOf(before, /peer$/, 'next peer'), peerCa: nextPeer },
  peerRotation: { ...NONE, previous: peerCa },
};
const NAMES = ['etcd01', 'etcd02', 'etcd03'];
const stage = NAMES.reduce(
  (facts, name, index) =>
    listedAs(
      runningAs(
        facts,
        name,
        toHttp.desired.window(new Map(NAMES.map((one) => [one, 'https'])), serving(['https'])),
      ),
      name,
      `https://198.18.0.${11 + index}:2380`,
    ),
  before,
);
const left = NAMES.reduce(
  (facts, name) => runningAs(facts, name, toHttps.desired.withPort(2378)),
  before,
);
/** Over http, with what a switch by `wipe` or `snapshot` left of a rotation in the store. */
const dormant: SeenFacts = {
  ...toHttps.before,
  rotation: { ...NONE, previous: next },
  peerRotation: { ...NONE, next: nextPeer },
};

const STATES: Readonly<Record<string, SeenFacts>> = {
  'rotate-ca, the new CA made': { ...before, rotation: { ...NONE, next } },
  'rotate-ca, all trust both': { ...signs, rotation: { ...NONE, next } },
  'rotate-ca, the new CA signs': clientsBoth,
  'rotate-ca, consent given': {
    ...clientsBoth,
    rotation: { ...NONE, previous: ca, record: { consent: { at: '2026-11-21', by: 'me' } } },
  },
  'rotate-ca --peer, the new CA made': {
    ...before,
    peerRotation: { ...NONE, next: nextPeer },
  },
  'rotate-ca --peer, the new CA signs': peersBoth,
  'rotate-ca --peer, the old CA given up': {
    ...peersBoth,
    peerRotation: { ...NONE, retired: [peerCa] },
  },
  'rotate-ca --peer, not proven': {
    ...before,
    peerRotation: { ...NONE, retired: [nextPeer], record: { ended: '2026-11-21T11:00:00.000Z' } },
  },
  'migrate, clients served by both': stage,
  'migrate, the port of the stage left': left,
};

const CA = { consumersReady: false, allowDowntime: false };
const LIVE = { finish: false, advertise: false, allowDowntime: false };
const ALL = { member: undefined, name: undefined, withinDays: undefined, restart: false };
const REVOKE = {
  revocations: [{ serial: 'aa', date: inDays(0).toISOString(), reason: 'unspecified' as const }],
  ...{ hours: 24, allowDowntime: false },
};
const COMMANDS: Readonly<Record<string, (facts: SeenFacts) => Pick<Plan, 'refusals'>>> = {
  up: (facts) => planCluster(secure, facts, UP),
  'up --wipe': (facts) => planCluster(secure, facts, { ...UP, wipe: true }),
  'certs rotate': (facts) => planRotation(secure, facts, { ...ALL, allowDowntime: false }),
  'certs revoke': (facts) => planRevocation(secure, facts, REVOKE),
  'rotate-ca': (facts) => planCaRotation(secure, facts, CA),
  'rotate-ca --peer': (facts) => planPeerCa(secure, facts, { split: false, allowDowntime: false }),
  restore: (facts) =>
    planRestore(secure, facts, new Map(NAMES.map((name) => [name, UNTOUCHED])), RESTORE),
  'migrate --to http': (facts) => planSwitch(toHttp.desired, facts, LIVE),
  'migrate --to http --via snapshot': (facts) => ({
    refusals: [
      ...rotating({ to: 'http', target: secure }, facts),
      ...planCluster(secure, facts, UP).refusals,
    ],
  }),
  'migrate --to http --via wipe': (facts) =>
    planCluster(toHttp.desired.target, facts, { ...UP, wipe: true }),
};

const UNTOUCHED: RestoreFact = {
  ...{ intent: undefined, placed: undefined, led: false, mounted: false, staged: undefined },
  asides: [],
};
const RESTORE: RestoreOptions = {
  source: {
    ...{ name: 'a.db', sha256: 'a'.repeat(64), size: 20_512, skipHashCheck: false },
    ...{ cluster: 'prod', etcd: '3.5.30', revision: 42, keys: 7 },
  },
  ...{ freshToken: 'fresh', began: '20261121T120000Z', bumpRevision: 0, foreign: false },
};

/** `goes on`, or the commands and words that lead out of the refusal. */
function outcome({ refusals }: Pick<Plan, 'refusals'>): readonly string[] {
  return refusals.length === 0
    ? ['goes on']
    : refusals.map(({ next: then }) => nextText(then, 'I'));
}

const ON = ['goes on'];
const ROTATE = 'provision certs rotate-ca I';
const FORWARD = `end it first: ${ROTATE}; then, once clients have followed: ${ROTATE} --finish; or go back first: ${ROTATE} --abort`;
const FINISH = `once clients have followed, end it first: ${ROTATE} --finish; or go back first: ${ROTATE} --abort; then: ${ROTATE} --finish`;
const PEER = `finish it first: ${ROTATE} --peer`;
const HTTPS = 'provision migrate I --to https';
const HTTP = 'provision migrate I --to http';
const PLAIN = '--accept-plaintext';
const BOTH = `to end in https: ${HTTPS}; once clients have moved: ${HTTPS} --finish; or to end in http: ${HTTP} ${PLAIN}; once clients have moved: ${HTTP} --finish ${PLAIN}`;
const LEFT = `have clients use port 2379, then: ${HTTPS} --finish`;

type Table = Readonly<Record<string, readonly string[]>>;
const rotation = (then: string): Table => ({
  ...{ up: ON, 'up --wipe': ON, restore: ON, 'certs rotate': ON, 'certs revoke': ON },
  'rotate-ca': ON,
  ...{ 'rotate-ca --peer': [then], 'migrate --to http': [then] },
  ...{ 'migrate --to http --via snapshot': [then], 'migrate --to http --via wipe': ON },
});
const peers: Table = {
  ...{ up: ON, 'up --wipe': ON, restore: ON, 'certs rotate': ON, 'certs revoke': ON },
  'rotate-ca': [PEER],
  ...{ 'rotate-ca --peer': ON, 'migrate --to http': [PEER] },
  ...{ 'migrate --to http --via snapshot': [PEER], 'migrate --to http --via wipe': ON },
};
const switchIs = (then: string, live: readonly string[]): Table => ({
  restore: ON,
  ...{ up: [then], 'up --wipe': ON, 'certs rotate': [then], 'certs revoke': [then] },
  ...{ 'rotate-ca': [then], 'rotate-ca --peer': [then], 'migrate --to http': live },
  ...{ 'migrate --to http --via snapshot': [then], 'migrate --to http --via wipe': ON },
});
/** Where members have not read the CAs of the store yet, new leaves would restart them out of their order. */
const unread = (table: Table, ...then: readonly string[]): Table => ({
  ...table,
  'certs rotate': then,
});
const EXPECTED: Readonly<Record<string, Table>> = {
  'rotate-ca, the new CA made': unread(
    rotation(FORWARD),
    `go on: ${ROTATE}; or go back: ${ROTATE} --abort`,
  ),
  'rotate-ca, all trust both': rotation(FORWARD),
  'rotate-ca, the new CA signs': rotation(FINISH),
  'rotate-ca, consent given': rotation(FINISH),
  'rotate-ca --peer, the new CA made': unread(peers, `finish it: ${ROTATE} --peer`),
  'rotate-ca --peer, the new CA signs': peers,
  'rotate-ca --peer, the old CA given up': unread(peers, `finish it: ${ROTATE} --peer`),
  'rotate-ca --peer, not proven': peers,
  'migrate, clients served by both': switchIs(BOTH, ON),
  'migrate, the port of the stage left': switchIs(LEFT, [
    `finish it first: ${HTTPS} --finish`,
    `finish it first: ${HTTPS} --finish`,
    `finish it first: ${HTTPS} --finish`,
  ]),
};

for (const [state, facts] of Object.entries(STATES))
  test(`half-way in ${state}: everything else goes on, or names what finishes it`, (t) => {
    const seen = Object.entries(COMMANDS).map(([name, plan]) => [name, outcome(plan(facts))]);
    t.deepEqual(Object.fromEntries(seen), EXPECTED[state]);
  });

test('a change of trust that waits in the store of a cluster over http is brought on by a switch to https', (t) => {
  const refused = (plan: Pick<Plan, 'refusals'>) => outcome(plan);
  t.deepEqual(refused(planCaRotation(http, dormant, CA)), [`switch to https first: ${HTTPS}`]);
  t.deepEqual(refused(planSwitch(toHttps.desired, dormant, LIVE)), ON);
  const both = NAMES.reduce(
    (facts, name) =>
      runningAs(
        facts,
        name,
        toHttps.desired.window(new Map(NAMES.map((one) => [one, 'http'])), serving()),
      ),
    dormant,
  );
  t.deepEqual(refused(planSwitch(toHttps.desired, both, { ...LIVE, finish: true })), ON);
  t.deepEqual(refused(planSwitch(toHttp.desired, both, LIVE)), ON);
});

test('a CA is not called one of a cluster over http where only the inventory says http', (t) => {
  for (const plan of [
    planCaRotation(http, before, CA),
    planPeerCa(http, before, { split: false, allowDowntime: false }),
    planRevocation(http, before, REVOKE),
  ])
    t.deepEqual(
      plan.refusals.map(({ sentence, next: then }) => [sentence, nextText(then, 'I')]),
      [
        [
          'prod: the inventory says http, but the cluster speaks https',
          'put protocol: https into the inventory, then run the same command again',
        ],
      ],
    );
});
