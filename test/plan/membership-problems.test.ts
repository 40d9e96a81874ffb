import test from 'ava';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import type { MemberFacts } from '../../src/facts/member.ts';
import { membershipProblems } from '../../src/plan/membership-problems.ts';

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
  const members = new Map(
    CLUSTER.members.map(({ name }, at) => {
      const healthy = answering.includes(`${at + 1}`);
      const known = { clusterId: 'c', members: list };
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
  return membershipProblems(cluster, { members }).map(({ sentence }) => sentence);
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
