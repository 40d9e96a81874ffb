import test from 'ava';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { RELOADED } from '../../src/desired/consumers.ts';
import type { ConsumerFacts } from '../../src/facts/consumer.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import type { Look } from '../../src/facts/unreachable.ts';
import { Failure } from '../../src/failure/failure.ts';
import { unreloaded } from '../../src/plan/certificates/ca-phase.ts';
import { planRevocation } from '../../src/plan/certificates/revoke.ts';
import { planRotation } from '../../src/plan/certificates/rotate.ts';
import { planCaRotation } from '../../src/plan/certificates/rotate-ca.ts';
import { leftOut, planRotationOf } from '../../src/plan/certificates/rotate-one.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { askedBy, type Gate } from '../../src/plan/gate.ts';
import { placed } from '../../src/plan/lane.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { butAll, keysOf, type SeenFacts, settled, sha256, stopped, UP, wanted } from './facts.ts';

const NAME = 'apiserver@10.0.0.81';
const ROTATION = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};

const cluster = (reload?: object, ready?: object, ...others: readonly string[]): DesiredCluster =>
  wanted(3, {
    consumers: [
      {
        name: 'apiserver',
        hosts: ['10.0.0.81', ...others].map((address) => ({ address })),
        directory: '/etc/kubernetes/pki/etcd-client',
        ...(reload && { reload }),
        ...(ready && { ready }),
      },
    ],
  });
const told = cluster({ unit: 'kube-apiserver' });
const untold = cluster();

function withConsumer(
  desired: DesiredCluster,
  change: (files: Map<string, ReturnType<typeof file>>) => void = () => {},
  foreign?: string,
): SeenFacts {
  const facts = settled(desired);
  const id = `${NAME}/apiserver`;
  const files = new Map([
    ['ca.crt', file(facts.store.ca?.pem ?? '', 0o644)],
    ['apiserver.crt', file(`crt ${id}`, 0o644)],
    ['apiserver.key', file(`key ${id}`, 0o600)],
    [RELOADED, file('', 0o644)],
  ]);
  change(files);
  const pki = { target: 'etcd-client.0123456789ab', files };
  const keys = { sha256: keysOf(desired, NAME), complaint: undefined };
  const unit = { state: 'active', runs: true, startedAt: 0 };
  const clock = { ahead: 0, doubt: 0 };
  const found: ConsumerFacts = {
    pki,
    keys,
    foreign,
    owner: undefined,
    clock,
    unit: desired === told ? unit : undefined,
  };
  return { ...facts, consumers: new Map([[NAME, found]]) };
}

function file(text: string, mode: number) {
  return { mode, owner: 'root:root', sha256: sha256(text), modifiedAt: 1 };
}

/** `host: kind (because)` for every step. */
function steps({ waves, refusals }: Plan): readonly string[] {
  return [
    ...refusals.map(({ sentence }) => sentence),
    ...waves.flatMap(({ lanes }) =>
      placed(lanes).map(({ place, step: { kind, because } }) => `${place}: ${kind} (${because})`),
    ),
  ];
}

const plans = test.macro((t, desired: DesiredCluster, facts: SeenFacts, expected: string[]) => {
  t.deepEqual(steps(planCluster(desired, facts, UP)), expected);
});
const RELOAD = `${NAME}: reload-consumer (it may read its files only then)`;

test(
  'planCluster() leaves a consumer alone that has all it needs',
  plans,
  told,
  withConsumer(told),
  [],
);
test(
  'planCluster() brings a consumer another CA bundle and reloads it',
  plans,
  told,
  withConsumer(told, (files) => files.set('ca.crt', file('another', 0o644))),
  [`${NAME}: install-consumer (other CAs are trusted there)`, RELOAD],
);
test(
  'planCluster() makes good a reload that a killed run left out',
  plans,
  told,
  withConsumer(told, (files) => files.delete(RELOADED)),
  [`${NAME}: reload-consumer (it was not told of its files yet)`],
);
test(
  'planCluster() takes back a key that others can read',
  plans,
  told,
  withConsumer(told, (files) => files.set('apiserver.key', file(`key ${NAME}/apiserver`, 0o644))),
  [`${NAME}: install-consumer (the key is 0644 root:root)`, RELOAD],
);
test(
  'planCluster() refuses a directory with other files in it',
  plans,
  told,
  withConsumer(told, () => {}, 'a directory with ca.key'),
  [
    `${NAME}: /etc/kubernetes/pki/etcd-client is a directory with ca.key, and is to become a link to the certificates alone`,
  ],
);
test('planCluster() passes over a consumer that cannot be reached', plans, told, settled(told), []);

test('planCluster() leaves the next consumer alone until the unit of this one runs, where it ran before', (t) => {
  const facts = withConsumer(told, (files) => files.set('ca.crt', file('another', 0o644)));
  const gates = (state: string): readonly (readonly Gate[])[] => {
    const consumers = new Map(
      [...facts.consumers].map(([name, found]) => [
        name,
        'unreachable' in found ? found : { ...found, unit: { state, runs: true, startedAt: 0 } },
      ]),
    );
    return planCluster(told, { ...facts, consumers }, UP).waves.map(({ gate }) => gate);
  };
  t.deepEqual(gates('active'), [
    [{ kind: 'consumer-ready', members: [], consumer: NAME, unit: 'kube-apiserver' }],
  ]);
  t.deepEqual(gates('activating'), [[]]);
});

test('planCluster() runs the command of a consumer once, and asks what it is to be asked', (t) => {
  const command = 'pkill -HUP patroni';
  const desired = cluster({ command }, { url: 'https://127.0.0.1:8008/readiness' });
  const told = (facts: SeenFacts) => {
    const { waves } = planCluster(desired, facts, UP);
    return [
      waves.flatMap(({ lanes }) => placed(lanes).map(({ step }) => step.kind)),
      waves.map(({ gate }) => gate),
    ];
  };
  const ready = { url: 'https://127.0.0.1:8008/readiness' };
  const gate = [{ kind: 'consumer-ready', members: [], consumer: NAME, ready }];
  t.deepEqual(told(withConsumer(desired)), [[], []]);
  t.deepEqual(told(withConsumer(desired, (files) => files.delete(RELOADED))), [
    ['reload-consumer'],
    [gate],
  ]);
  const other = withConsumer(desired, (files) => files.set('ca.crt', file('another', 0o644)));
  t.deepEqual(told(other), [['install-consumer', 'reload-consumer'], [gate]]);
  t.deepEqual(unreloaded(desired), []);
});

test('planRotation() rotates a consumer alone, and refuses a name that nobody has', (t) => {
  const facts = withConsumer(told);
  t.deepEqual(steps(planRotation(told, facts, { ...ROTATION, member: NAME })), [
    'here: issue-certificate (it is rotated)',
    `${NAME}: install-consumer (apiserver is new)`,
    RELOAD,
  ]);
  t.deepEqual(steps(planRotation(told, facts, { ...ROTATION, name: 'typo' })), [
    'typo has no certificate in this cluster',
  ]);
});

test('planRotationOf() rotates a consumer alone while hosts of members are away', (t) => {
  const facts = withConsumer(told, (files) => files.delete(RELOADED));
  const gone = {
    unreachable: new Failure('unreachable', 'etcd02: no route to host', { next: [] }),
  };
  const away = new Map<string, Look<MemberFacts>>(facts.members).set('etcd02', gone);
  const other = 'apiserver@10.0.0.82';
  const two = cluster({ unit: 'kube-apiserver' }, undefined, '10.0.0.82');
  const beside = new Map(facts.consumers);
  for (const found of facts.consumers.values()) beside.set(other, found);
  const mine = [
    'here: issue-certificate (it is rotated)',
    `${NAME}: install-consumer (apiserver is new)`,
    RELOAD,
  ];
  for (const [desired, seen] of [
    [told, { ...facts, members: away }],
    [told, { ...facts, members: new Map([['etcd02', gone]]) }],
    [told, butAll(facts, stopped)],
    [two, { ...facts, members: away, consumers: beside, store: settled(two).store }],
  ] as const) {
    const plan = planRotationOf(NAME, desired, seen, ROTATION);
    t.deepEqual(steps(plan), mine);
    t.deepEqual(
      plan.waves.flatMap(({ gate, before = [] }) => askedBy([...gate, ...before])),
      [],
    );
    // Once its files are there, nothing is left; what another consumer lacks is for up to bring.
    const done = new Map([...beside, ...withConsumer(told).consumers]);
    const left = { ...seen, consumers: done };
    t.deepEqual(steps(planRotationOf(NAME, desired, left, { ...ROTATION, withinDays: 0 })), []);
  }
});

test('leftOut() names hosts without a connection, and those that could not be asked over theirs', (t) => {
  const facts = withConsumer(told);
  const gone = (message: string) => ({
    unreachable: new Failure('unreachable', message, { next: [] }),
  });
  const members = new Map<string, Look<MemberFacts>>([
    ...facts.members,
    ['etcd02', gone('etcd02: not connected')],
    ['etcd03', gone('etcd03: no answer within 20 s')],
  ]);
  const consumers = new Map([[NAME, gone(`${NAME}: no answer within 20 s`)]]);
  t.deepEqual(leftOut(told, facts), []);
  t.deepEqual(leftOut(told, { members, consumers }), [
    'etcd02: not connected',
    'etcd03: no answer within 20 s',
    `${NAME}: no answer within 20 s`,
  ]);
});

test('planCaRotation() tells consumers of the new CA before it signs, and stops with both trusted', (t) => {
  const wishes = { allowDowntime: false, consumersReady: false };
  const all = steps(planCaRotation(told, withConsumer(told), wishes));
  const at = (step: string) => all.indexOf(step);
  const places = [
    at(`${NAME}: install-consumer (it is to trust both CAs)`),
    at('here: promote-ca (every member trusts it)'),
    at(`${NAME}: install-consumer (its certificate comes from the new CA)`),
  ];
  t.false(places.includes(-1));
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  t.deepEqual(
    all.filter((step) => /retire-ca|new CA only/.test(step)),
    [],
  );
});

test('planCaRotation() stops before the new CA signs where nothing reloads a consumer, and needs it reachable', (t) => {
  const wishes = { allowDowntime: false, consumersReady: false };
  t.is(
    steps(planCaRotation(untold, withConsumer(untold), wishes)).at(-1),
    `${NAME}: install-consumer (it is to trust both CAs)`,
  );
  t.deepEqual(steps(planCaRotation(told, settled(told), wishes)), [
    `${NAME}: cannot be reached; a consumer that does not learn of the new CA would distrust every member`,
  ]);
});

test('planRevocation() refuses to shut out the holder of a certificate in use', (t) => {
  const revocations = [
    { serial: '5F', date: new Date(0).toISOString(), reason: 'unspecified' as const },
  ];
  const facts = settled(wanted());
  const refused = planRevocation(wanted(), facts, { revocations, hours: 24, allowDowntime: false });
  t.is(
    refused.refusals[0]?.sentence,
    'etcd01/server: is the certificate in use; revoked, etcd01 would be shut out at once',
  );
});

const ANY = file('of somebody else', 0o644);
const NO_KEYS = { sha256: new Set<string>(), complaint: undefined };

for (const [title, found, holds] of [
  ['of another cluster', { owner: 'staging' }, 'the certificates of a consumer of cluster staging'],
  [
    'of a member',
    { pki: { target: 'pki.0123456789ab', files: new Map([['server.crt', ANY]]) } },
    'the certificates of a member of etcd (server.crt)',
  ],
  [
    'of another CA, made before directories said whose they are',
    { pki: { target: 'x.0123456789ab', files: new Map([['ca.crt', ANY]]) } },
    'certificates of another CA than that of the PKI store /home/me/prod.pki',
  ],
] as const) {
  test(`foreignDirectories() leaves a directory alone that holds files ${title}`, (t) => {
    const there: ConsumerFacts = {
      pki: { target: undefined, files: new Map() },
      keys: NO_KEYS,
      foreign: undefined,
      owner: undefined,
      ...{ clock: { ahead: 0, doubt: 0 }, unit: undefined },
    };
    const facts = { ...settled(told), consumers: new Map([[NAME, { ...there, ...found }]]) };
    t.deepEqual(steps(planCluster(told, facts, UP)), [
      `${NAME}: /etc/kubernetes/pki/etcd-client holds ${holds}`,
    ]);
  });
}
