import test from 'ava';
import { asAdopted } from '../../../src/facts/adopted.ts';
import type { TheirFile, TheirPairs } from '../../../src/facts/host/their-pairs.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { planFor } from '../../../src/plan/intent.ts';
import { placed } from '../../../src/plan/lane.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { but, butAll, type SeenFacts, settled, tenantsWith, UP, wanted } from '../facts.ts';

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

test('keptPairs() refuses where certificate and key are one file, or another etcd reads it', (t) => {
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
