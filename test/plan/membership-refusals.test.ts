import test from 'ava';
import type { EtcdMember } from '../../src/etcd/answers.ts';
import { membershipIsKept, wholeClusterIsNamed } from '../../src/plan/membership-refusals.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, stopped, wanted } from './facts.ts';

const three = wanted();
const matching = settled(three);

/** The cluster when its list was changed behind us and etcd03 ended. */
function listed(change: (members: readonly EtcdMember[]) => readonly EtcdMember[]): SeenFacts {
  const facts = butAll(matching, ({ etcd }) => ({
    etcd: {
      ...etcd,
      members: etcd.members && { ...etcd.members, members: change(etcd.members.members) },
    },
  }));
  return but(facts, 'etcd03', stopped);
}
const told = (facts: SeenFacts) =>
  membershipIsKept(three, facts).map(({ sentence, next }) => [sentence, nextText(next)]);

test('membershipIsKept() says how a removed member comes back, without its data', (t) => {
  t.deepEqual(told(listed((members) => members.slice(0, 2))), [
    [
      'etcd03: its data is of member b369b8bf19815147, which the cluster has removed and never takes back',
      'add it as a new member: on etcd03: systemctl stop etcd; mkdir /var/lib/etcd/aside-20261121T120000Z && mv /var/lib/etcd/member /var/lib/etcd/aside-20261121T120000Z/; then provision etcdctl INVENTORY -- member add etcd03 --peer-urls=https://198.18.0.13:2380; then provision up INVENTORY; delete /var/lib/etcd/aside-20261121T120000Z when the cluster is as it should be',
    ],
  ]);
});

test('membershipIsKept() does not start a member that was added again on the data of the former one', (t) => {
  const again = (one: EtcdMember) =>
    one.name === 'etcd03' ? { ...one, id: '00000000000000aa', name: '', clientUrls: [] } : one;
  t.deepEqual(told(listed((members) => members.map(again))), [
    [
      'etcd03: its data is of member b369b8bf19815147, which the cluster has removed and never takes back; in its place stands member 00000000000000aa, which starts without data',
      'on etcd03: systemctl stop etcd; mkdir /var/lib/etcd/aside-20261121T120000Z && mv /var/lib/etcd/member /var/lib/etcd/aside-20261121T120000Z/; then provision up INVENTORY; delete /var/lib/etcd/aside-20261121T120000Z when the cluster is as it should be',
    ],
  ]);
});

test('wholeClusterIsNamed() has nothing against stopping what does not answer', (t) => {
  t.deepEqual(wholeClusterIsNamed(wanted(2), butAll(matching, stopped)), []);
});
