import test from 'ava';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import type { MemberFacts } from '../../../src/facts/member.ts';
import { membershipProblems } from '../../../src/plan/membership/membership-problems.ts';
import { nextText } from '../../../src/problem/render.ts';

const CLUSTER = {
  name: 'prod',
  members: ['etcd01', 'etcd02', 'etcd03'].map((name, at) => ({
    name,
    peerUrl: `https://10.0.0.${at + 1}:2380`,
  })),
};
const member = (id: string, more: Partial<EtcdMember> = {}): EtcdMember => ({
  ...{ id, name: `etcd0${id}`, isLearner: false },
  ...{ peerUrls: [`https://10.0.0.${id}:2380`], clientUrls: [`https://10.0.0.${id}:2379`] },
  ...more,
});
const NEVER = { name: '', clientUrls: [] };

/** What is told of a list, by members of which those with these ids answer; nobody knows it otherwise than by its peers. */
function told(list: readonly EtcdMember[], answering: string): readonly string[] {
  return toldEach([list, list, list], answering).map(([sentence]) => sentence);
}

/** The same where each has its own list, with the remedies. */
function toldEach(
  lists: readonly (readonly EtcdMember[])[],
  answering: string,
): readonly (readonly [string, string])[] {
  const members = new Map(
    CLUSTER.members.map(({ name }, at) => {
      const healthy = answering.includes(`${at + 1}`);
      const known = { clusterId: 'c', members: lists[at] ?? [] };
      const etcd = {
        healthy,
        status: { memberId: `${at + 1}` },
        members: healthy ? known : undefined,
      };
      return [
        name,
        {
          etcd,
          unit: { pid: 1 },
          reportedList: healthy ? undefined : known,
        } as unknown as MemberFacts,
      ];
    }),
  );
  const cluster = CLUSTER as unknown as Parameters<typeof membershipProblems>[0];
  return membershipProblems(cluster, { members }).map(({ sentence, next }) => [
    sentence,
    typeof next === 'string'
      ? next
      : next.map((one) => nextText([{ ...one, requires: [] }])).join('; '),
  ]);
}

const three = [member('1'), member('2'), member('3')];

test('membershipProblems() has nothing to say of a list that is the inventory', (t) => {
  t.deepEqual(told(three, '123'), []);
});

test('membershipProblems() names a member that never started with what it means for the quorum', (t) => {
  t.deepEqual(told([...three, member('9', NEVER)], '123'), [
    "member 9 at https://10.0.0.9:2380 is in etcd's list, never started, and is not in the inventory: 3 of 4 must answer, 3 do, none may fail",
  ]);
});

test('membershipProblems() names it with the quorum lost too', (t) => {
  t.deepEqual(told([...three, member('9', NEVER)], ''), [
    "member 9 at https://10.0.0.9:2380 is in etcd's list, never started, and is not in the inventory: 3 of 4 must answer, 0 do: no quorum",
  ]);
});

test('membershipProblems() tells a member of the inventory that never started', (t) => {
  t.deepEqual(told([member('1'), member('2'), member('3', NEVER)], '12'), [
    'etcd03: was added as member 3 and never started: 2 of 3 must answer, 2 do, none may fail',
  ]);
});

test('membershipProblems() names a stranger that runs', (t) => {
  t.deepEqual(told([...three, member('7', { name: 'other' })], '123'), [
    "member other (7) at https://10.0.0.7:2380 is in etcd's list and not in the inventory: 3 of 4 must answer, 3 do, none may fail",
  ]);
});

test('membershipProblems() names members that share a name', (t) => {
  t.deepEqual(told([member('1'), member('2', { name: 'etcd01' }), member('3')], '123'), [
    "2 members are called etcd01 in etcd's list: 1 at https://10.0.0.1:2380 and 2 at https://10.0.0.2:2380; each counts for the quorum (2 of 3 must answer, 3 do, 1 may fail), but who looks a member up by its name finds either",
  ]);
});

test("membershipProblems() says whose list has an entry that the others' have not, whichever is asked first", (t) => {
  const more = [...three, member('9', { name: 'etcd03', peerUrls: ['https://10.0.0.3:2380'] })];
  for (const [holder, others, lists] of [
    ['etcd01', 'etcd02, etcd03', [more, three, three]],
    ['etcd03', 'etcd01, etcd02', [three, three, more]],
  ] as const)
    t.deepEqual(toldEach(lists, '123'), [
      [
        `the members' lists differ: ${holder} has member 9 (etcd03) at https://10.0.0.3:2380, and ${others} do not`,
        `keep all members as they are, and save what ${holder} holds: provision snapshot save INVENTORY --member ${holder}`,
      ],
    ]);
});

test('membershipProblems() speaks of no drop-in where two entries are at the address of one member', (t) => {
  const more = [...three, member('9', { name: 'etcd03', peerUrls: ['https://10.0.0.3:2380'] })];
  const [[sentence, next] = [], ...rest] = toldEach([more, more, more], '123');
  t.deepEqual(rest, []);
  t.regex(sentence ?? '', /^2 members are called etcd03 in etcd's list: /);
  t.is(
    next,
    'see what answers under each of them, and remove none that does: provision etcdctl INVENTORY -- member list',
  );
});
