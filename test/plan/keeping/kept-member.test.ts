import test from 'ava';
import { asAdopted } from '../../../src/facts/adopted.ts';
import type { TheirFile, TheirPairs } from '../../../src/facts/host/their-pairs.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { placed } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { nextText } from '../../../src/problem/render.ts';
import {
  but,
  butAll,
  type SeenFacts,
  settled,
  stopped,
  tenantsWith,
  UP,
  wanted,
} from '../facts.ts';

const UNIT = '[Service]\nExecStart=/usr/local/bin/etcd --data-dir /var/lib/etcd\n';
const LEAVES = {
  ...({
    kind: 'rotate-leaves',
    member: undefined,
    name: undefined,
    withinDays: undefined,
  } as const),
  ...{ restart: false, allowDowntime: false },
};

const idOf = (desired: ReturnType<typeof wanted>) =>
  [...settled(desired).members.values()][0]?.etcd.members?.clusterId ?? '';
function keeping(changes: Readonly<Record<string, unknown>> = {}) {
  const all = { protocol: 'http', ...changes };
  return wanted(3, { ...all, adopted: { clusterId: idOf(wanted(3, all)), layout: 'keep' } });
}
const desired = keeping();
const secure = keeping({ protocol: 'https' });

/** A member as somebody else has made it: its own unit, no configuration of ours. */
function foreign(found: MemberFacts): MemberFacts {
  const { unit, tenants } = found;
  const { unitFile } = desired.paths;
  return {
    ...found,
    conf: undefined,
    unitFile: { mode: 0o644, owner: 'root:root', modifiedAt: 0, content: UNIT },
    unit: {
      ...unit,
      process: unit.process && {
        ...unit.process,
        ...{ executable: '/usr/local/bin/etcd', unit: undefined, service: undefined },
      },
    },
    tenants: tenantsWith({ ...tenants, unitFiles: [{ path: unitFile, text: UNIT }], confs: [] }),
  };
}

const theirs = (cluster: typeof desired): SeenFacts =>
  butAll(butAll(settled(cluster), foreign), (found, name) => asAdopted(cluster, { name }, found));

const guarded = (cluster: typeof desired, facts: SeenFacts) =>
  butAll(facts, ({ launch }, name) => {
    const guard = cluster.members.find((one) => one.name === name)?.guard;
    const dropIns = [{ path: '', content: '', environmentFiles: [], ...guard }];
    return { launch: { ...launch, dropIns } };
  });

const kinds = ({ waves }: Plan) => [
  ...new Set(waves.flatMap(({ lanes }) => placed(lanes).map(({ step }) => step.kind))),
];
const refused = ({ refusals }: Plan) => refusals.map(({ kind, about }) => [kind, ...about]);

test('planKept() guards the data of a member, restarts nobody, and then has nothing to do', (t) => {
  const facts = theirs(desired);
  const plan = planCluster(desired, facts, UP);
  t.deepEqual(plan.refusals, []);
  t.deepEqual(kinds(plan), ['guard-unit']);
  t.deepEqual(planCluster(desired, guarded(desired, facts), UP).waves, []);
});

test('planKept() has systemd read its files again where it has not read the guard', (t) => {
  const facts = butAll(guarded(desired, theirs(desired)), ({ unit }) => ({
    unit: { ...unit, stale: true },
  }));
  t.deepEqual(kinds(planCluster(desired, facts, UP)), ['guard-unit']);
});

test('keptRefusals() names what would have to be written into what somebody else set up', (t) => {
  const settings = keeping({ etcd: { version: '3.5.30', settings: { 'snapshot-count': 5000 } } });
  t.deepEqual(
    refused(planCluster(settings, theirs(desired), UP)).map(([kind]) => kind),
    ['layout-kept', 'layout-kept', 'layout-kept'],
  );
  const disabled = but(theirs(desired), 'etcd02', ({ unit }) => ({
    unit: { ...unit, enabled: false },
  }));
  t.deepEqual(refused(planCluster(desired, disabled, UP)), [['unit-not-enabled', 'etcd02']]);
});

test('keptFrom() refuses what is written into their unit or configuration, whatever is wanted', (t) => {
  const facts = theirs(desired);
  const plan = planFor(desired, facts, { kind: 'down', purge: true });
  t.deepEqual(refused(plan), [['layout-kept', 'etcd01', 'etcd02', 'etcd03']]);
  t.deepEqual(planFor(desired, facts, { kind: 'down', purge: false }).refusals, []);
});

const fileAt = (path: string): TheirFile => ({
  ...{ path, mode: 0o640, owner: 'root:etcd', sha256: 'theirs', modifiedAt: 0 },
});
const PAIRS: TheirPairs = new Map(
  (['server', 'peer'] as const).map((row) => [
    row,
    { certificate: fileAt(`/etc/ssl/${row}.pem`), key: fileAt(`/etc/ssl/${row}-key.pem`) },
  ]),
);

/** As before their first rotation: the store has nothing of what the members show. */
function shown(pairs: TheirPairs): SeenFacts {
  const facts = guarded(secure, theirs(secure));
  const certificates = new Map(
    [...facts.store.certificates].filter(([id]) => !/\/(server|peer)$/.test(id)),
  );
  const seen = butAll(facts, ({ adopted }) => ({
    ...(adopted && { adopted: { ...adopted, pairs } }),
  }));
  return { ...seen, store: { ...facts.store, certificates } };
}

test('keptCertificates() leaves alone what members show until it is rotated, and then writes into their files', (t) => {
  const facts = shown(PAIRS);
  t.false(kinds(planCluster(secure, facts, UP)).includes('install-pairs'));
  const plan = planFor(secure, facts, LEAVES);
  t.deepEqual(plan.refusals, []);
  const steps = plan.waves.flatMap(({ lanes }) => placed(lanes).map(({ step }) => step));
  const written = steps.flatMap((step) => (step.kind === 'install-pairs' ? step.pairs : []));
  t.deepEqual(written.slice(0, 2), [
    {
      ...{ id: 'etcd02/server', row: 'server', keyPlace: 'store' },
      certificate: { path: '/etc/ssl/server.pem', mode: 0o640, owner: 'root:etcd' },
      key: { path: '/etc/ssl/server-key.pem', mode: 0o640, owner: 'root:etcd' },
    },
    {
      ...{ id: 'etcd02/peer', row: 'peer', keyPlace: 'store' },
      certificate: { path: '/etc/ssl/peer.pem', mode: 0o640, owner: 'root:etcd' },
      key: { path: '/etc/ssl/peer-key.pem', mode: 0o640, owner: 'root:etcd' },
    },
  ]);
  t.false(kinds(plan).includes('restart-unit'));
  const undo = plan.waves.flatMap((wave) => placed(wave.undo ?? []).map(({ step }) => step.kind));
  t.true(undo.includes('restore-pairs'));
});

/** What another cluster on the same hosts is told, which shows the same certificate. */
const EVENTS = [
  ['ETCD_DATA_DIR', '/var/lib/etcd-events'],
  ['ETCD_LISTEN_CLIENT_URLS', 'https://127.0.0.1:2383'],
  ['ETCD_LISTEN_PEER_URLS', 'https://127.0.0.1:2384'],
  ['ETCD_CERT_FILE', '/etc/ssl/server.pem'],
] as const;

test('pairRefusals() refuses where certificate and key are one file, or another etcd reads it', (t) => {
  const one = fileAt('/etc/ssl/all.pem');
  const joined: TheirPairs = new Map([...PAIRS, ['server', { certificate: one, key: one }]]);
  const plan = planFor(secure, shown(joined), LEAVES);
  t.deepEqual(refused(plan)[0], ['pair-kept', 'etcd01']);
  const beside = butAll(shown(PAIRS), ({ tenants }) => ({
    tenants: {
      ...tenants,
      processes: [
        ...tenants.processes,
        {
          ...{ pid: 4711, executable: '/usr/local/bin/etcd', unit: 'etcd-events.service' },
          ...{ environment: new Map(EVENTS), args: [] },
        },
      ],
    },
  }));
  t.deepEqual(refused(planFor(secure, beside, LEAVES))[0], ['pair-kept', 'etcd01']);
});

test('keptFrom() refuses what needs members that run as ours, and lets the rest be', (t) => {
  const facts = guarded(desired, theirs(desired));
  const replaced = planFor(desired, facts, {
    kind: 'replace-member',
    ...{ member: 'etcd03', force: true, freshToken: 'x', allowDowntime: true },
  });
  t.deepEqual(refused(replaced), [['layout-kept', 'etcd01', 'etcd02', 'etcd03']]);
  const wiped = planFor(desired, facts, { kind: 'converge', ...UP, wipe: true });
  t.deepEqual(refused(wiped), [['layout-kept', 'etcd01', 'etcd02', 'etcd03']]);
  const purged = planFor(desired, facts, { kind: 'down', purge: true });
  t.deepEqual(refused(purged), [['layout-kept', 'etcd01', 'etcd02', 'etcd03']]);
  t.deepEqual(refused(planFor(desired, facts, { kind: 'converge', ...UP })), []);
});

test('keptRefusals() names addresses, ports and an account that nobody would give them', (t) => {
  const told = (changes: Readonly<Record<string, unknown>>) => {
    const other = keeping(changes);
    return planCluster(other, guarded(other, theirs(desired)), UP).refusals.map(
      ({ sentence }) => sentence.split(',')[0],
    );
  };
  const etcd = { version: '3.5.30' };
  t.deepEqual(told({ etcd: { ...etcd, ports: { peer: 2390 } } }), [
    'etcd01: is in the list at http://198.18.0.11:2380',
    'etcd02: is in the list at http://198.18.0.12:2380',
    'etcd03: is in the list at http://198.18.0.13:2380',
  ]);
  t.is(
    told({ etcd: { ...etcd, ports: { client: 2479 } } })[0],
    'etcd01: serves clients at http://198.18.0.11:2379',
  );
  const byRoot = butAll(guarded(desired, theirs(desired)), ({ unit }) => ({
    unit: { ...unit, process: unit.process && { ...unit.process, account: 'root' } },
  }));
  t.deepEqual(
    planCluster(desired, byRoot, UP).refusals.map(({ sentence }) => sentence.split(',')[0]),
    ['etcd01: runs as root', 'etcd02: runs as root', 'etcd03: runs as root'],
  );
});

test('keptDataGone() says what is to be done of a guarded member without its data, and asks nobody else', (t) => {
  const lost = but(butAll(settled(desired), foreign), 'etcd02', (found) => ({
    ...stopped(found),
    data: undefined,
  }));
  const facts = guarded(
    desired,
    butAll(lost, (found, name) => asAdopted(desired, { name }, found)),
  );
  const { refusals } = planCluster(desired, facts, UP);
  t.deepEqual(
    refusals.map(({ kind, about }) => [kind, ...about]),
    [['kept-data-gone', 'etcd02']],
  );
  t.is(
    nextText(refusals[0]?.next ?? []),
    'mount its disk again (on etcd02: findmnt), then start it there: systemctl start etcd; or where the disk is lost, take etcd02 out of INVENTORY and have it removed: provision up INVENTORY --remove etcd02; then add it again, and it joins as a new member',
  );
});

test('pairRefusals() writes no certificate where a key is that of another one, or another etcd is on the host', (t) => {
  const certificate = (path: string): TheirFile => ({
    ...{ path, mode: 0o600, owner: 'root:root', sha256: 'aa', modifiedAt: 1 },
  });
  const pairs = (key: string): TheirPairs =>
    new Map([
      ['server', { certificate: certificate('/s.pem'), key: certificate('/k.pem') }],
      ['peer', { certificate: certificate('/p.pem'), key: certificate(key) }],
    ]);
  const told = (key: string, more: Partial<MemberFacts> = {}) => {
    const facts = butAll(guarded(secure, theirs(secure)), ({ adopted }) => ({
      ...(adopted && { adopted: { ...adopted, pairs: pairs(key) } }),
      ...more,
    }));
    return planFor(secure, facts, LEAVES).refusals.map(({ sentence }) => sentence);
  };
  t.deepEqual(told('/q.pem'), []);
  t.regex(told('/k.pem')[0] ?? '', /^etcd01: has one key for two certificates/);
  const [found] = theirs(secure).members.values();
  if (found === undefined || 'unreachable' in found) throw new TypeError('a member that was seen');
  const events =
    '[Service]\nExecStart=/usr/bin/etcd --data-dir /var/lib/events --listen-client-urls http://127.0.0.1:3379 --listen-peer-urls http://127.0.0.1:3380\n';
  const beside = tenantsWith({
    ...found.tenants,
    unitFiles: [
      ...found.tenants.unitFiles,
      { path: '/etc/systemd/system/etcd-events.service', text: events },
    ],
  });
  t.regex(told('/q.pem', { tenants: beside })[0] ?? '', /another etcd on its host may read/);
});
