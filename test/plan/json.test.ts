import test from 'ava';
import { schedulePlaces } from '../../src/desired/schedule.ts';
import { bootstrapClusterId } from '../../src/etcd/identity.ts';
import type { ConsumerFacts } from '../../src/facts/consumer.ts';
import type { RestoreFact } from '../../src/facts/data/restore.ts';
import type { ScheduleFact } from '../../src/facts/data/schedule.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { trustBundle } from '../../src/pki/ca/trust.ts';
import type { StoredCa } from '../../src/pki/store/store-facts.ts';
import { planRevocation } from '../../src/plan/certificates/revoke.ts';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../src/plan/certificates/rotate-ca.ts';
import { widenAgain } from '../../src/plan/certificates/rotate-ca-abort.ts';
import { planRotationOf } from '../../src/plan/certificates/rotate-one.ts';
import { planPeerCa } from '../../src/plan/certificates/rotate-peer-ca.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { planDown } from '../../src/plan/down.ts';
import { type Intent, planFor } from '../../src/plan/intent.ts';
import { planDefragmentation } from '../../src/plan/maintaining/defragment.ts';
import { planFreeSpace } from '../../src/plan/maintaining/free-space.ts';
import { planReplace } from '../../src/plan/membership/replace.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planPutBack } from '../../src/plan/restoring/put-back.ts';
import { planRestore } from '../../src/plan/restoring/restore.ts';
import { planSchedule, planUnschedule } from '../../src/plan/schedule.ts';
import { planSwitch } from '../../src/plan/switching/switch.ts';
import {
  bare,
  but,
  butAll,
  FRESH,
  inDays,
  learning,
  type SeenFacts,
  settled,
  sha256,
  stopped,
  tenantsWith,
  UP,
  wanted,
  written,
} from './facts.ts';
import { plain } from './outline.ts';
import { runningAs, serving, switching } from './switching.ts';

const LEAVES = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: true, allowDowntime: false },
};
const ROTATION = { consumersReady: true, allowDowntime: false };
const desired = wanted();
const whole = settled(desired);
const hosts = wanted(3, { pki: { keys: 'host' } });
const separate = wanted(3, { pki: { peerCa: 'separate' } });
const peers = settled(separate);
const ca = whole.store.ca as StoredCa;
const next: StoredCa = {
  ...{ ...ca, pem: 'the next CA of prod\n' },
  fact: { ...ca.fact, fingerprint256: 'next' },
};

/** Every member has a bundle that it started with. */
function trusting(facts: SeenFacts, bundle: string): SeenFacts {
  return butAll(facts, ({ pki }) => {
    const file = pki.files.get('ca.crt');
    const files = new Map(pki.files);
    if (file !== undefined) files.set('ca.crt', { ...file, sha256: sha256(bundle) });
    return { pki: { ...pki, files } };
  });
}

const both = trusting(
  { ...whole, rotation: { next, previous: undefined, retired: [] } },
  trustBundle([ca, next]),
);
const certificates = new Map(
  [...whole.store.certificates].map(([id, one]) => [id, { ...one, issuerFingerprint256: 'next' }]),
);
/** The new CA signs, its leaves are out, and both are trusted. */
const between: SeenFacts = {
  ...trusting(whole, trustBundle([next, ca])),
  store: { ...whole.store, ca: next, certificates },
  rotation: { next: undefined, previous: ca, retired: [] },
};
const ending: SeenFacts = {
  ...between,
  rotation: {
    ...between.rotation,
    record: { consent: { at: '2026-11-21T11:00:00.000Z', by: 'me@here' } },
  },
};

const server = whole.store.certificates.get('etcd01/server');
/** The store has a leaf of a member that left. */
const left: SeenFacts = {
  ...between,
  store: {
    ...between.store,
    certificates: new Map([
      ...certificates,
      ...(server ? [['etcd09/server', server] as const] : []),
    ]),
  },
};

const told = wanted(3, {
  consumers: [
    {
      ...{ name: 'reader', hosts: [{ address: '10.0.0.81' }], directory: '/etc/reader/etcd' },
      reload: { unit: 'reader' },
    },
  ],
});
const nothingThere = new Map<string, ConsumerFacts>(
  told.consumers.map(({ name }) => [
    name,
    {
      pki: { target: undefined, files: new Map() },
      keys: { sha256: new Set(), complaint: undefined },
      ...{ foreign: undefined, owner: undefined, clock: { ahead: 0, doubt: 0 } },
      unit: { state: 'active', runs: true, startedAt: 1 },
    },
  ]),
);

const RESTORE = {
  ...{ freshToken: FRESH, began: '20261121T120000Z', bumpRevision: 1, foreign: false },
  lastRevision: 42,
  source: {
    ...{ name: 'prod.db', sha256: 'a'.repeat(64), size: 20_512, skipHashCheck: false },
    ...{ cluster: 'prod', etcd: '3.5.30', revision: 42, keys: 7 },
  },
};
const urls = desired.members.map(({ peerUrl }) => peerUrl);
const untouched: RestoreFact = {
  ...{ intent: undefined, placed: undefined, led: false, mounted: false },
  ...{ staged: undefined, asides: [] },
};
const moved: RestoreFact = {
  ...untouched,
  intent: {
    ...{ cluster: 'prod', token: FRESH, clusterId: bootstrapClusterId(urls, FRESH) },
    ...{ snapshot: 'a'.repeat(64), bumpRevision: 0, began: '20261121T110000Z' },
    ...{ ran: true, served: true },
  },
  asides: ['20261121T110000Z'],
};

const toHttps = switching('https');
const toHttp = switching('http');
const places = schedulePlaces(desired);
const file = { ...written('of ours'), mode: 0o644 };
const NO_SCHEDULE: ScheduleFact = {
  ...{ script: undefined, serviceFile: undefined, timerFile: undefined },
  ...{ timerActive: false, timerEnabled: false },
  ...{ lastResult: undefined, complaint: undefined, newest: undefined },
};
const files = [{ path: places.script, mode: 0o755, content: 'a script' }];
const perMember = <T>(value: T) => new Map(desired.members.map(({ name }) => [name, value]));

const stage = desired.members.reduce(
  (facts, { name }) =>
    runningAs(
      facts,
      name,
      toHttps.desired.window(new Map(desired.members.map((one) => [one.name, 'https'])), serving()),
    ),
  toHttps.before,
);

/** The cluster of three, and the bare host of a fourth. */
const besideNewcomer: SeenFacts = {
  ...whole,
  store: settled(wanted(4)).store,
  members: new Map([...bare(wanted(4)).members, ...whole.members]),
};

const DEFRAGMENT: Intent<'defragment'> = {
  ...{ kind: 'defragment', when: 'size > 1', seconds: 600, allowDowntime: false },
  rule: {
    ...{ kind: 'comparison', operator: '>' },
    left: { kind: 'name', name: 'size' },
    right: { kind: 'number', value: 1 },
  },
};
const FREE_SPACE: Intent<'free-space'> = {
  ...{ kind: 'free-space', keep: 0, seconds: 600, allowDowntime: false },
};
/** Every member has a database of so many bytes, at revision 100. */
function withSizes(dbSize: number, errors: readonly string[] = []): SeenFacts {
  return butAll(whole, ({ etcd }) => {
    const { status } = etcd;
    return { etcd: { ...etcd, status: status && { ...status, dbSize, revision: 100, errors } } };
  });
}

function full(dbSize: number): SeenFacts {
  return withSizes(dbSize, ['memberID:1 alarm:NOSPACE ']);
}

const PLANS: Readonly<Record<string, Plan>> = {
  'up from bare machines': planCluster(desired, bare(desired), UP),
  'up with keys on hosts': planCluster(hosts, bare(hosts), UP),
  'up with keys that move to hosts': planCluster(hosts, whole, UP),
  'up with a consumer': planCluster(told, { ...settled(told), consumers: nothingThere }, UP),
  'up with logs not recorded': planCluster(
    desired,
    butAll(whole, () => ({ incarnation: undefined })),
    UP,
  ),
  'up with another setting': planCluster(
    wanted(3, { etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } } }),
    whole,
    UP,
  ),
  'up --wipe': planCluster(desired, whole, { ...UP, wipe: true }),
  'up with another shared link': planCluster(
    desired,
    butAll(whole, ({ tenants }) => ({
      tenants: { ...tenantsWith(tenants), links: new Map([['current', '/opt/etcd/3.5.30']]) },
    })),
    UP,
  ),
  'up with a newcomer': planCluster(wanted(4), besideNewcomer, UP),
  'leadership moved': planFor(desired, whole, { kind: 'move-leader', member: 'etcd02' }),
  'up without a member': planCluster(desired, settled(wanted(4)), { ...UP, removes: ['etcd04'] }),
  'a member replaced': planReplace(desired, but(whole, 'etcd02', stopped), {
    ...{ member: 'etcd02', force: false, freshToken: FRESH, allowDowntime: false },
  }),
  'up to the minor version before': planCluster(
    wanted(3, { etcd: { version: '3.5.33' } }),
    butAll(settled(wanted(3, { etcd: { version: '3.6.14' } })), ({ etcd, program }) => ({
      etcd: { ...etcd, ...(etcd.status && { status: { ...etcd.status, version: '3.6.14' } }) },
      program: { ...program, running: '3.6.14' },
    })),
    UP,
  ),
  'up of stopped members': planCluster(desired, butAll(whole, stopped), UP),
  'rotation of leaves': planRotation(desired, whole, LEAVES),
  'rotation of one member': planRotationOf('etcd02', desired, whole, LEAVES),
  'rotation of the CA': planCaRotation(desired, whole, ROTATION),
  'rotation of the CA, both trusted': planCaRotation(desired, both, ROTATION),
  'end of a rotation': planCaRotation(desired, between, { ...ROTATION, finish: true, by: 'me' }),
  'end of a rotation with leaves of others': planCaRotation(desired, left, {
    ...{ ...ROTATION, finish: true, by: 'me' },
  }),
  'a rotation given up': planCaRotation(desired, both, { ...ROTATION, abort: true }),
  'a rotation turned round': planCaRotation(desired, ending, { ...ROTATION, abort: true }),
  'trust widened again': widenAgain(desired, ending),
  'change of the CA of peers': planPeerCa(separate, peers, { split: false, allowDowntime: false }),
  revocation: planRevocation(desired, whole, {
    revocations: [{ serial: 'aa', date: inDays(0).toISOString(), reason: 'unspecified' }],
    ...{ hours: 24, allowDowntime: false },
  }),
  'switch to https': planSwitch(toHttps.desired, toHttps.before, {
    ...{ finish: false, advertise: false, allowDowntime: false },
  }),
  'switch to http': planSwitch(toHttp.desired, toHttp.before, {
    ...{ finish: true, advertise: true, allowDowntime: false },
  }),
  'end of a switch': planSwitch(toHttps.desired, stage, {
    ...{ finish: true, advertise: false, allowDowntime: false },
    staying: { window: 10, accepted: ['198.18.0.99'] },
  }),
  restore: planRestore(desired, whole, perMember(untouched), RESTORE),
  'a restore taken back': planPutBack(
    desired,
    new Map(
      [...butAll(whole, stopped).members].map(([name, facts]) => [name, { facts, found: moved }]),
    ),
  ),
  'a defragmentation': planDefragmentation(desired, whole, DEFRAGMENT),
  'the way out of NOSPACE': planFreeSpace(desired, full(2e9), FREE_SPACE),
  schedule: planSchedule(
    desired,
    places,
    Object.fromEntries(perMember(files)),
    perMember(NO_SCHEDULE),
  ),
  'end of a schedule': planUnschedule(
    desired,
    places,
    perMember({ ...NO_SCHEDULE, script: file, serviceFile: file, timerFile: file }),
  ),
  down: planDown(desired, whole, false),
  'down --purge': planDown(desired, whole, true),
  'a refusal': planCluster(
    desired,
    but(whole, 'etcd02', ({ machine }) => ({ machine: { ...machine, systemd: 200 } })),
    UP,
  ),
};

const REPLACE: Intent<'replace-member'> = {
  ...{ kind: 'replace-member', member: 'etcd02', force: false },
  ...{ freshToken: FRESH, allowDowntime: false },
};
const REVOKE: Intent<'revoke'> = {
  ...{ kind: 'revoke', hours: 24, allowDowntime: false },
  revocations: [{ serial: 'aa', date: inDays(0).toISOString(), reason: 'unspecified' }],
};
const SWITCH: Intent<'switch'> = {
  ...{ kind: 'switch', finish: false, advertise: false, allowDowntime: false },
};
/** It stands for one that serves loopback alone: another etcd.conf. */
const fenced = wanted(3, {
  protocol: 'http',
  etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 200 } },
});
const halfWay = (change: (found: MemberFacts) => Partial<MemberFacts>) =>
  new Map(
    [...butAll(whole, change).members].map(([name, facts]) => [name, { facts, found: moved }]),
  );
const onRestored = ({ data }: MemberFacts): Partial<MemberFacts> => ({
  data: data && {
    ...data,
    wal: data.wal && { ...data.wal, clusterId: moved.intent?.clusterId ?? '' },
  },
});

const takenOver = butAll(whole, ({ etcd }, name) => ({
  former: {
    paths: ['/etc/systemd/system/etcd.service', '/etc/etcd/etcd.conf'],
    back: [],
    note: {
      ...{ account: 'root', executable: '/usr/bin/etcd', sha256: sha256('etcd'), wal: '' },
      ...{ version: desired.version, protocol: desired.protocol, data: desired.paths.data },
      peerUrl: etcd.members?.members.find((one) => one.name === name)?.peerUrls[0] ?? '',
      ca: whole.store.ca?.fact.fingerprint256 ?? '',
      peerCa: '',
    },
    programSha256: sha256('etcd'),
  },
}));

/** One plan of each intent, as commands ask for it. */
const OF_EACH_INTENT: { readonly [Kind in Intent['kind']]: Plan } = {
  converge: planFor(desired, bare(desired), { kind: 'converge', freshToken: FRESH }),
  'replace-member': planFor(desired, but(whole, 'etcd02', stopped), REPLACE),
  'rotate-leaves': planFor(desired, whole, { kind: 'rotate-leaves', ...LEAVES }),
  'rotate-ca': planFor(desired, whole, { kind: 'rotate-ca', ...ROTATION }),
  'rotate-peer-ca': planFor(separate, peers, {
    ...{ kind: 'rotate-peer-ca', split: false, allowDowntime: false },
  }),
  revoke: planFor(desired, whole, REVOKE),
  switch: planFor(toHttps.desired, toHttps.before, SWITCH),
  'cut-off': planFor({ served: toHttp.desired.target, fenced }, toHttps.before, {
    ...{ kind: 'cut-off', to: 'https' },
  }),
  'give-back': planFor(desired, takenOver, { kind: 'give-back', allowDowntime: false }),
  restore: planFor(
    desired,
    { facts: whole, found: perMember(untouched) },
    { kind: 'restore', ...RESTORE },
  ),
  'remove-stranger': planFor(desired, settled(wanted(4)), {
    ...{ kind: 'remove-stranger', member: 'etcd04' },
  }),
  'promote-member': planFor(desired, learning(whole, 'etcd03'), {
    ...{ kind: 'promote-member', member: 'etcd03' },
  }),
  reboot: planFor(
    desired,
    {
      facts: whole,
      boots: new Map(
        desired.members.map(({ name }) => [
          name,
          { bootId: name, age: 60, isRequired: true, fleeting: [], closedLogin: undefined },
        ]),
      ),
    },
    { ...{ kind: 'reboot', required: true, allowDowntime: true, seconds: 600 } },
  ),
  'move-leader': planFor(desired, whole, { kind: 'move-leader', member: 'etcd02' }),
  'undo-restore': planFor(desired, halfWay(stopped), {
    ...{ kind: 'undo-restore', confs: { etcd01: 'ETCD_NAME=etcd01\n' } },
  }),
  'stop-restored': planFor(desired, halfWay(onRestored), { kind: 'stop-restored' }),
  'start-restored': planFor(
    desired,
    halfWay((found) => ({ ...onRestored(found), ...stopped(found), ...onRestored(found) })),
    { kind: 'start-restored' },
  ),
  'open-former': planFor(desired, butAll(whole, stopped), { kind: 'open-former', token: FRESH }),
  'widen-trust': planFor(desired, ending, { kind: 'widen-trust' }),
  schedule: planFor(desired, perMember(NO_SCHEDULE), {
    ...{ kind: 'schedule', places, files: Object.fromEntries(perMember(files)) },
  }),
  defragment: planFor(desired, whole, DEFRAGMENT),
  compact: planFor(desired, withSizes(1000), { kind: 'compact', keep: { last: 5 }, seconds: 600 }),
  disarm: planFor(desired, full(1000), { kind: 'disarm' }),
  'free-space': planFor(desired, full(2e9), FREE_SPACE),
  down: planFor(desired, whole, { kind: 'down', purge: true }),
};

for (const [what, plan] of [
  ...Object.entries(PLANS),
  ...Object.entries(OF_EACH_INTENT).map(([kind, plan]) => [`intent ${kind}`, plan] as const),
])
  test(`a plan is the same once it was written to JSON and read back: ${what}`, (t) => {
    const read: Plan = JSON.parse(JSON.stringify(plan));
    t.deepEqual(read as unknown, plain(plan));
    t.is(describePlan(read), describePlan(plan));
    t.is(plan.waves.length > 0, what !== 'a refusal', describePlan(plan));
    t.is(plan.target === undefined, plan.waves.length === 0);
    t.false(JSON.stringify(plan).includes('PRIVATE KEY'));
  });

test('the plans above have every kind of step', (t) => {
  const kinds = Object.values(PLANS).flatMap(({ waves }) =>
    waves.flatMap(({ lanes, undo }) =>
      [...lanes, ...undo].flatMap(({ steps }) => steps.map(({ kind }) => kind)),
    ),
  );
  t.deepEqual([...new Set(kinds)].sort(), [
    ...['add-member', 'await-joined', 'await-peer', 'await-ready', 'cancel-downgrade'],
    ...['certify-host-key', 'check-restored', 'check-unchanged', 'compact', 'create-ca'],
    ...['create-next-ca', 'defragment', 'dial-peers', 'disable-unit', 'disarm-nospace'],
    'drop-next-ca',
    ...[
      'enable-downgrade',
      'enable-unit',
      'forget-alarms',
      'install-certificates',
      'install-consumer',
    ],
    ...['issue-certificate', 'keep-configuration', 'move-aside', 'move-leadership'],
    'note-connections',
    ...['point-link', 'prepare-host', 'probe-listeners', 'promote-ca'],
    ...['promote-member', 'purge', 'put-data-back', 'record-consent'],
    ...['record-log', 'record-proof', 'reload-consumer', 'remove'],
    ...['remove-certificates', 'remove-member', 'remove-store-keys', 'remove-timer'],
    ...['remove-unused', 'restart-unit', 'restore-beside', 'restore-certificates'],
    ...['retire-ca', 'retire-host', 'revoke', 'start-timer'],
    ...['start-unit', 'stop-unit', 'swap-data', 'try-next-leaf'],
    ...['turn-round-ca', 'update-peer-urls', 'upload', 'upload-snapshot'],
    ...['watch-clients', 'watch-port', 'withdraw-consent', 'withdraw-member'],
    ...['write-files', 'yield-leadership'],
  ]);
});
