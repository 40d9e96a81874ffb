import test from 'ava';
import { advise, groundOf } from '../../src/diagnosis/advise.ts';
import { replacing } from '../../src/diagnosis/cures.ts';
import { replacementOf } from '../../src/diagnosis/replacement.ts';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, butAll, settled, stopped, wanted } from '../plan/facts.ts';

const three = wanted();
const answering = settled(three);
const off = but(answering, 'etcd02', stopped);
const list = answering.members.get('etcd01')?.etcd.members?.members ?? [];
const own = list.find(({ name }) => name === 'etcd02');
const ids = list.map(({ id }) => id);
const found = {
  ...{ name: 'etcd02', id: own?.id, peerUrl: 'https://198.18.0.12:2380', unit: 'etcd' },
  ...{ data: '/var/lib/etcd', aside: 'aside-20261121T120000Z', user: [] },
};

test('replacementOf() has the values of the commands where the others keep a quorum', (t) => {
  t.is(new Set(ids).size, 3);
  t.deepEqual(replacementOf(three, off, 'etcd02'), [found]);
});

test('replacementOf() has nothing for a member that answers', (t) => {
  t.deepEqual(replacementOf(three, answering, 'etcd02'), []);
});

test('replacementOf() has nothing where the quorum needs it, or nobody answers', (t) => {
  t.deepEqual(replacementOf(three, but(off, 'etcd03', stopped), 'etcd02'), []);
  t.deepEqual(replacementOf(three, butAll(answering, stopped), 'etcd02'), []);
  const two = wanted(2);
  t.deepEqual(replacementOf(two, but(settled(two), 'etcd02', stopped), 'etcd02'), []);
});

/** The list with the member changed in it, as everybody who answers holds it. */
const listed = (change: (one: (typeof list)[number]) => typeof list): ClusterFacts =>
  ['etcd01', 'etcd03'].reduce(
    (facts, name) =>
      but(facts, name, ({ etcd }) => ({
        etcd: {
          ...etcd,
          members: etcd.members && {
            ...etcd.members,
            members: list.flatMap((one) => (one.name === 'etcd02' ? change(one) : [one])),
          },
        },
      })),
    off,
  );

test('replacementOf() has nothing for a member that the list does not have, or that never started', (t) => {
  t.deepEqual(
    replacementOf(
      three,
      listed(() => []),
      'etcd02',
    ),
    [],
  );
  const never = listed((one) => [{ ...one, name: '', clientUrls: [] }]);
  t.deepEqual(replacementOf(three, never, 'etcd02'), []);
});

test('replacementOf() asks as root where authentication is on', (t) => {
  const denied = but(off, 'etcd01', ({ etcd }) => ({ etcd: { ...etcd, asksForUser: true } }));
  t.deepEqual(replacementOf(three, denied, 'etcd02'), [{ ...found, user: ['--user', 'root'] }]);
});

test('advise() gives the commands that replace a member, with a start that failed and without', (t) => {
  const commands = `to replace etcd02: provision etcdctl INVENTORY -- member remove ${own?.id}; on etcd02: systemctl stop etcd; mkdir /var/lib/etcd/aside-20261121T120000Z && mv /var/lib/etcd/member /var/lib/etcd/aside-20261121T120000Z/; then provision etcdctl INVENTORY -- member add etcd02 --peer-urls=https://198.18.0.12:2380; then provision up INVENTORY; delete /var/lib/etcd/aside-20261121T120000Z when the cluster is as it should be`;
  const one = { name: 'etcd02', cause: 'its data is damaged', evidence: [] };
  const damaged = { ...one, kind: 'data-damaged', next: replacing('etcd02') };
  t.is(nextText(advise(groundOf(three, off, [damaged]), damaged).next), commands);
  const needed = but(off, 'etcd03', stopped);
  t.is(
    nextText(advise(groundOf(three, needed, [damaged]), damaged).next),
    'the others hold its data: replace this member; keep its data directory, moved aside, until that is done',
  );
});
