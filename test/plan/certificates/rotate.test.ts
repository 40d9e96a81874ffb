import test from 'ava';
import { planRotation, type RotationOptions } from '../../../src/plan/certificates/rotate.ts';
import {
  but,
  butAll,
  inDays,
  NOW,
  type SeenFacts,
  settled,
  sha256,
  stopped,
  wanted,
} from '../facts.ts';
import { outline } from '../outline.ts';

const desired = wanted();
const facts = settled(desired);
const WISHES: RotationOptions = {
  ...{ member: undefined, name: undefined, withinDays: undefined },
  ...{ restart: false, allowDowntime: false },
};

const plans = test.macro(
  (t, seen: SeenFacts, wishes: Partial<RotationOptions>, expected: readonly string[]) => {
    t.deepEqual(outline(planRotation(desired, seen, { ...WISHES, ...wishes })), expected);
  },
);

const RESTARTED = [
  '    yield-leadership (a leader that stops costs an election)',
  '    restart-unit (long-lived streams are to use the new certificates (--restart))',
  '    await-ready (the next member may only stop when this one is back)',
];

const changed = (name: string, others: string, why: string, restart: readonly string[] = []) => [
  `${restart.length > 0 ? 'restart' : 'change'} ${name}`,
  `  before ${others}`,
  `  ${name}:`,
  `    install-certificates (${why})`,
  '    probe-listeners (old connections would hide a certificate that fails)',
  ...restart,
  '  or back:',
  `  ${name}:`,
  '    restore-certificates (the change failed)',
  ...(restart.length > 0
    ? [
        '    enable-unit (its file is the former one again)',
        '    restart-unit (the change failed)',
        '    await-ready (it was ready before)',
      ]
    : []),
  '  gate etcd01 etcd02 etcd03',
];

const allNew = 'server is new, peer is new, healthcheck-client is new';

test(
  'planRotation() makes all leaves again and swaps them one member after the other, the leader last',
  plans,
  facts,
  {},
  [
    ...['make certificates', '  here:'],
    ...desired.certificates.map(({ id }) => `    issue-certificate ${id} (it is rotated)`),
    ...changed('etcd02', 'etcd01 etcd03', allNew),
    ...changed('etcd03', 'etcd01 etcd02', allNew),
    ...changed('etcd01', 'etcd02 etcd03', allNew),
  ],
);

test(
  'planRotation() touches one certificate of one member',
  plans,
  facts,
  { member: 'etcd03', name: 'peer' },
  [
    ...['make certificates', '  here:', '    issue-certificate etcd03/peer (it is rotated)'],
    ...changed('etcd03', 'etcd01 etcd02', 'peer is new'),
  ],
);

test(
  'planRotation() restarts the member it touches when it is asked to',
  plans,
  facts,
  { member: 'etcd03', name: 'server', restart: true },
  [
    ...['make certificates', '  here:', '    issue-certificate etcd03/server (it is rotated)'],
    ...changed('etcd03', 'etcd01 etcd02', 'server is new', RESTARTED),
  ],
);

test('planRotation() finds nothing that ends so soon', plans, facts, { withinDays: 90 }, []);

const ending = {
  ...facts,
  store: {
    ...facts.store,
    certificates: new Map(
      [...facts.store.certificates].map(([id, found]) => [
        id,
        id === 'etcd02/server'
          ? { ...found, fact: { ...found.fact, notAfter: inDays(60) } }
          : found,
      ]),
    ),
  },
};
test('planRotation() takes what ends within the time', plans, ending, { withinDays: 90 }, [
  ...['make certificates', '  here:', '    issue-certificate etcd02/server (it is rotated)'],
  ...changed('etcd02', 'etcd01 etcd03', 'server is new'),
]);

const pending = butAll(facts, ({ pki }, name) => {
  const file = pki.files.get('server.crt');
  if (name === 'etcd02' || file === undefined) return {};
  const files = new Map(pki.files).set('server.crt', { ...file, sha256: sha256('the former') });
  return { pki: { ...pki, files } };
});
test('planRotation() brings out what a killed run has issued', plans, pending, {}, [
  ...changed('etcd03', 'etcd01 etcd02', 'server is another one there'),
  ...changed('etcd01', 'etcd02 etcd03', 'server is another one there'),
]);

const fresh = ['etcd01/server', 'etcd02/server', 'etcd03/server'];
const halfIssued = {
  ...pending,
  store: {
    ...pending.store,
    certificates: new Map(
      [...pending.store.certificates].map(([id, found]) => [
        id,
        fresh.includes(id) ? { ...found, fact: { ...found.fact, notBefore: NOW } } : found,
      ]),
    ),
  },
};
test(
  'planRotation() issues what a killed run had not come to, and nothing twice',
  plans,
  halfIssued,
  {},
  [
    ...['make certificates', '  here:'],
    ...desired.certificates.flatMap(({ id }) =>
      fresh.includes(id) ? [] : [`    issue-certificate ${id} (it is rotated)`],
    ),
    ...changed('etcd02', 'etcd01 etcd03', 'peer is new, healthcheck-client is new'),
    ...changed(
      'etcd03',
      'etcd01 etcd02',
      'server is another one there, peer is new, healthcheck-client is new',
    ),
    ...changed(
      'etcd01',
      'etcd02 etcd03',
      'server is another one there, peer is new, healthcheck-client is new',
    ),
  ],
);

const half = butAll(pending, ({ unit }, name) =>
  name === 'etcd02' ? { unit: { ...unit, startedAt: NOW.getTime() / 1000 } } : {},
);
test(
  'planRotation() restarts nobody twice for one rotation that was interrupted',
  plans,
  half,
  { name: 'server', restart: true },
  [
    ...changed('etcd03', 'etcd01 etcd02', 'server is another one there', RESTARTED),
    ...changed('etcd01', 'etcd02 etcd03', 'server is another one there', RESTARTED),
  ],
);

test(
  'planRotation() takes a slip of the pen for nothing else',
  plans,
  facts,
  { member: 'etcd04' },
  ['refused: etcd04 has no certificate in this cluster | next: name one of etcd01, etcd02, etcd03'],
);
test('planRotation() knows the kinds there are', plans, facts, { name: 'servr' }, [
  'refused: servr has no certificate in this cluster | next: name one of server, peer, healthcheck-client, admin',
]);

test('planRotation() goes on where the logs of members are not recorded yet', (t) => {
  const former = butAll(facts, () => ({ incarnation: undefined }));
  const plan = planRotation(desired, former, WISHES);
  t.deepEqual(plan.refusals, []);
  t.true(plan.waves.length > 0);
});

test('planRotation() changes nothing else by the way', plans, but(facts, 'etcd03', stopped), {}, [
  'refused: prod: etcd03 differs from the inventory in more than certificates, and a rotation changes nothing else | next: bring them in order first: provision up INVENTORY',
]);
