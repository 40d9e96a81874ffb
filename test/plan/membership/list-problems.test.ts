import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { listProblems } from '../../../src/plan/membership/list-problems.ts';
import { nextText } from '../../../src/problem/render.ts';
import { memberRows } from '../../../src/report/member-rows.ts';
import { but, butAll, type SeenFacts, settled, stopped, wanted } from '../facts.ts';

const three = wanted();
const matching = settled(three);
const STRANGER: EtcdMember = {
  ...{ id: '00000000000000aa', name: 'former', isLearner: false },
  ...{ peerUrls: ['https://198.18.0.14:2380'], clientUrls: ['https://198.18.0.14:2379'] },
};

function listing(change: (members: readonly EtcdMember[]) => readonly EtcdMember[]): SeenFacts {
  return butAll(matching, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: change(etcd.members.members) },
    },
  }));
}

const told = (facts: Parameters<typeof listProblems>[1]) =>
  listProblems(three, facts).map(({ sentence, next }) => [sentence, nextText(next)]);
const rows = (facts: Parameters<typeof memberRows>[1]) =>
  memberRows(three, facts).map(({ name, inventory, role, state }) => [
    name ?? 'none',
    inventory ?? 'none',
    role ?? 'none',
    state,
  ]);

test('a list that is the inventory has no problem', (t) => {
  t.deepEqual(told(matching), []);
  t.deepEqual(rows(matching), [
    ['etcd01', 'etcd01', 'leader', 'answers'],
    ['etcd02', 'etcd02', 'voter', 'answers'],
    ['etcd03', 'etcd03', 'voter', 'answers'],
  ]);
});

test('a stranger that answers counts for the quorum, and one that does not counts as down', (t) => {
  const strange = listing((members) => [...members, STRANGER]);
  const answering = { ...strange, answeringStrangers: new Set([STRANGER.id]) };
  for (const [facts, quorum, state] of [
    [strange, '3 of 4 must answer, 3 do, none may fail', 'does not answer'],
    [answering, '3 of 4 must answer, 4 do, 1 may fail', 'answers'],
  ] as const) {
    t.deepEqual(told(facts), [
      [
        `member former (00000000000000aa) at https://198.18.0.14:2380 is in etcd's list and not in the inventory: ${quorum}`,
        'put it into the inventory, then provision up INVENTORY; or if former is to leave the cluster, or its host is gone for good: provision up INVENTORY --remove former',
      ],
    ]);
    t.deepEqual(rows(facts).at(-1), ['former', 'none', 'voter', state]);
  }
});

test('a stranger that leads is shown to lead', (t) => {
  const strange = listing((members) => [...members, STRANGER]);
  const led = butAll(strange, ({ etcd }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, leader: STRANGER.id } },
  }));
  t.deepEqual(
    rows({ ...led, answeringStrangers: new Set([STRANGER.id]) }).map(([name, , role]) => [
      name,
      role,
    ]),
    [
      ['etcd01', 'voter'],
      ['etcd02', 'voter'],
      ['etcd03', 'voter'],
      ['former', 'leader'],
    ],
  );
});

test('a learner of the inventory is given its vote by up', (t) => {
  const facts = listing((members) =>
    members.map((one) => (one.name === 'etcd03' ? { ...one, isLearner: true } : one)),
  );
  const [[sentence, next] = []] = told(facts);
  t.regex(sentence ?? '', /^etcd03: is learner [0-9a-f]{16}: it has no vote yet, and 2 of 2 must/);
  t.is(next, 'provision up INVENTORY gives etcd03 its vote');
  t.deepEqual(rows(facts).at(-1), ['etcd03', 'etcd03', 'learner', 'answers']);
});

test('a member that only the inventory has comes last, and is added by up while all answer', (t) => {
  const facts = but(
    listing((members) => members.filter(({ name }) => name !== 'etcd01')),
    'etcd01',
    (found) => ({ ...stopped(found), data: undefined }),
  );
  t.deepEqual(told(facts), [
    [
      "etcd01 at https://198.18.0.11:2380 is in the inventory, and not in etcd's list",
      'provision up INVENTORY adds etcd01 to the cluster; or take etcd01 out of the inventory',
    ],
  ]);
  t.deepEqual(rows(facts).at(-1), ['none', 'etcd01', 'none', 'does not answer']);
});

test('a move to other machines that is half done is finished by one command, which every problem of it names', (t) => {
  const other = {
    ...STRANGER,
    ...{ id: '00000000000000bb', name: 'older', peerUrls: ['https://198.18.0.15:2380'] },
  };
  const half = ['etcd02', 'etcd03'].reduce(
    (facts, name) => but(facts, name, (found) => ({ ...stopped(found), data: undefined })),
    listing((members) => [...members.slice(0, 1), STRANGER, other]),
  );
  const facts = { ...half, answeringStrangers: new Set([STRANGER.id, other.id]) };
  const finish =
    'if former, older are to leave the cluster, or their hosts are gone for good: provision up INVENTORY --remove former,older';
  const kept = `put it into the inventory, then provision up INVENTORY; or ${finish}`;
  t.deepEqual(
    told(facts).map(([, next]) => next),
    [
      ...[kept, kept],
      ...['etcd02', 'etcd03'].map((name) => `${finish}; or take ${name} out of the inventory`),
    ],
  );
});
