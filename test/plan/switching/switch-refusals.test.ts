import test from 'ava';
import { planSwitch } from '../../../src/plan/switching/switch.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, type SeenFacts } from '../facts.ts';
import { outline } from '../outline.ts';
import { listedAs, type Switching, switching, unheard } from '../switching.ts';

const secure = switching('https');
const plain = switching('http');

const refused = test.macro(
  (
    t,
    { desired }: Switching,
    facts: SeenFacts,
    expected: readonly string[],
    allowDowntime?: boolean,
  ) => {
    const plan = planSwitch(desired, facts, {
      ...{ finish: false, advertise: false },
      allowDowntime: allowDowntime ?? false,
    });
    t.deepEqual(
      plan.refusals.map(({ sentence, next }) => `${sentence} | ${nextText(next)}`),
      expected,
    );
    t.deepEqual(plan.waves.length > 0, expected.length === 0, outline(plan).join('\n'));
  },
);

test('a healthy cluster of three is not refused', refused, secure, secure.before, []);

const { before } = secure;

test(
  'a member that does not answer, before anything was begun',
  refused,
  secure,
  but(before, 'etcd02', unheard),
  [
    'etcd02: does not answer a linearizable read (timeout); a live switch needs every member | provision doctor INVENTORY says why',
  ],
);

const { ca } = plain.before.store;
if (ca === undefined) throw new TypeError('the cluster has a CA');
test(
  'a rotation of the CA that is unfinished',
  refused,
  plain,
  { ...plain.before, rotation: { next: undefined, previous: ca, retired: [] } },
  [
    'prod: a rotation of the CA of clients is under way, and one change of trust at a time can be undone | once clients have followed, end it first: provision certs rotate-ca INVENTORY --finish; or go back first: provision certs rotate-ca INVENTORY --abort; then: provision certs rotate-ca INVENTORY --finish',
  ],
);

const learning = butAll(before, ({ etcd }) => ({
  etcd: {
    ...etcd,
    members: etcd.members && {
      ...etcd.members,
      members: etcd.members.members.map((one) => ({ ...one, isLearner: one.name === 'etcd03' })),
    },
  },
}));

test('a learner: changing its URL could make it a voter', refused, secure, learning, [
  'prod: member etcd03 is a learner; changing its peer URL could make it a voter by accident | let it get its vote first, with the protocol as it is now: provision up INVENTORY',
]);

test(
  'another version than the inventory says',
  refused,
  secure,
  but(before, 'etcd02', ({ etcd }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, version: '3.5.16' } },
  })),
  [
    'prod: runs etcd 3.5.30 and 3.5.16, the inventory says 3.5.30; one change at a time | bring the version in order first, with the protocol as it is now: provision up INVENTORY',
  ],
);

for (const members of [1, 2]) {
  const few = switching('https', members);
  test(`${members} of it stands still at each restart`, refused, few, few.before, [
    `prod: with ${members} member${members === 1 ? '' : 's'} every restart stops all writes for some seconds | accept that: add --allow-downtime`,
  ]);
  test(
    `${members} of it may stand still when that is accepted`,
    refused,
    few,
    few.before,
    [],
    true,
  );
}

const old = switching('https', 3, '3.4.23');
const taken = (pid: number) =>
  but(old.before, 'etcd02', ({ listeners }) => ({
    listeners: [...listeners, { port: 2378, process: 'nginx', pid }],
  }));

test('a taken window port, where etcd needs one', refused, old, taken(4711), [
  'etcd02: port 2378, which clients are to use during the switch, is taken by nginx (pid 4711) | choose another: --window-port',
]);

test('the window port in the hands of etcd itself', refused, old, taken(101), []);

test(
  'a member at another address than the inventory has',
  refused,
  secure,
  listedAs(before, 'etcd02', 'http://198.18.0.99:2380'),
  [
    'etcd02: runs with address 198.18.0.99; the inventory says 198.18.0.12 | provision up INVENTORY moves etcd02 there, with its data; or put what it was back into the inventory',
  ],
);

test(
  'a corruption alarm',
  refused,
  secure,
  but(before, 'etcd03', ({ etcd }) => ({
    etcd: {
      ...etcd,
      status: etcd.status && {
        ...etcd.status,
        errors: [`memberID:${BigInt(`0x${etcd.status.memberId}`)} alarm:CORRUPT`],
      },
    },
  })),
  [
    'etcd03: etcd reports a corruption alarm; changing anything now could spread it | keep all members as they are, and save what each of the others holds: provision snapshot save INVENTORY --member etcd01 (likewise etcd02)',
  ],
);
