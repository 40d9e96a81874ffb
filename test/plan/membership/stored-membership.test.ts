import test from 'ava';
import type { DesiredCluster } from '../../../src/desired/cluster.ts';
import type { EtcdMember } from '../../../src/etcd/answers.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, butAll, type SeenFacts, settled, stopped, UP, wanted } from '../facts.ts';

const three = wanted();
const alive = settled(three);
const listed = [...alive.members.values()][0]?.etcd.members?.members ?? [];

/** The cluster after a power cut: nobody runs, and databases hold these members. */
function off(
  members: readonly EtcdMember[] | undefined = listed,
  removed: readonly string[] = [],
): SeenFacts {
  return butAll(alive, (found) => ({
    ...stopped(found),
    database: {
      ...{
        size: 20_480,
        meta: { pageSize: 4096, root: 5, pages: 5 },
        index: 12,
        snapshot: undefined,
      },
      ...{ members, removed },
    },
  }));
}

/** The same hosts as an inventory has them that names some of them, or bare ones. */
function seenBy(desired: DesiredCluster, facts: SeenFacts): SeenFacts {
  const members = [...bare(desired).members].map(
    ([name, nothing]) => [name, facts.members.get(name) ?? nothing] as const,
  );
  return { ...facts, members: new Map(members) };
}

function told(desired: DesiredCluster, facts: SeenFacts): readonly string[] {
  const { waves, refusals } = planCluster(desired, seenBy(desired, facts), UP);
  return refusals.length === 0
    ? waves.map(({ title }) => title)
    : refusals.flatMap(({ sentence, next }) => [sentence, nextText(next)]);
}

const two = wanted(2);
const LEFT_OUT = [
  'nobody answers, and by the data of etcd01 the cluster has a member etcd03 at https://198.18.0.13:2380 that the inventory does not name; it counts: 2 of 3 must answer',
  'put etcd03 with its address (https://198.18.0.13:2380) into the inventory; or without etcd03, start the others: systemctl start --no-block etcd on etcd01, etcd02',
];

test('a whole cluster starts again after a power cut', (t) => {
  t.deepEqual(told(three, off()), ['start etcd01, etcd02, etcd03 together']);
});

test('a member that the inventory leaves out is refused before anybody is started', (t) => {
  t.deepEqual(told(two, off()), LEFT_OUT);
});

test('it is, too, after configurations were written that leave it out', (t) => {
  const conf = (name: string) => settled(two).members.get(name)?.conf;
  const facts = butAll(off(), ({ conf: own }, name) => ({
    conf: own && {
      ...own,
      content: own.content.replace(/^ETCD_INITIAL_CLUSTER=.*$/m, (line) => {
        const lines = conf(name)?.content.split('\n') ?? [];
        return lines.find((one) => one.startsWith('ETCD_INITIAL_CLUSTER=')) ?? line;
      }),
    },
  }));
  t.deepEqual(told(two, facts), LEFT_OUT);
});

test('it is, too, where no database can be read, by the configuration', (t) => {
  const facts = butAll(alive, stopped);
  t.deepEqual(told(two, facts), [
    LEFT_OUT[0]?.replace('the data', 'etcd.conf') ?? '',
    LEFT_OUT[1] ?? '',
  ]);
});

test('the others are not to be started where they are too few', (t) => {
  t.deepEqual(told(wanted(1), off()), [
    LEFT_OUT[0]?.replaceAll('etcd03', 'etcd02').replace('.13:', '.12:') ?? '',
    'put etcd02 with its address (https://198.18.0.12:2380) into the inventory',
    LEFT_OUT[0] ?? '',
    'put etcd03 with its address (https://198.18.0.13:2380) into the inventory',
  ]);
});

test('the database that has applied most says who is a member', (t) => {
  const [first, second] = listed;
  if (first === undefined || second === undefined) throw new TypeError('nobody is listed');
  const gone = listed[2]?.id ?? '';
  const facts = but(off(), 'etcd02', ({ database }) => ({
    ...(database && {
      database: { ...database, index: 20, members: [first, second], removed: [gone] },
    }),
  }));
  t.deepEqual(told(two, facts), ['start etcd01, etcd02 together']);
});

test('a member that was removed before the cluster stopped is not started again', (t) => {
  const gone = listed[2]?.id ?? '';
  t.deepEqual(told(three, off(listed.slice(0, 2), [gone])), [
    `etcd03: its data is of member ${gone}, which the cluster has removed and never takes back`,
    'take etcd03 out of the inventory',
  ]);
});

test('a member whose id a restore has made again is not taken for the removed one', (t) => {
  const again = listed[2]?.id ?? '';
  t.deepEqual(told(three, off(listed, [again])), ['start etcd01, etcd02, etcd03 together']);
});

/** What a restore by an old etcdctl leaves in the database: a member under another id at another address. */
const remnant: EtcdMember = {
  ...{ id: '00000000000000aa', name: 'old1', peerUrls: ['https://198.18.0.99:2380'] },
  ...{ clientUrls: [], isLearner: false },
};

test('what a restore has left in the database of an old etcd stops nobody', (t) => {
  t.deepEqual(told(three, off([...listed, remnant])), ['start etcd01, etcd02, etcd03 together']);
});

test('the same members under former ids are counted once', (t) => {
  const former = listed.map((one, at) => ({ ...one, id: `00000000000000b${at}` }));
  for (const members of [
    [...former, ...listed],
    [...listed, ...former],
  ]) {
    t.deepEqual(told(three, off(members)), ['start etcd01, etcd02, etcd03 together']);
    t.deepEqual(told(two, off(members)), LEFT_OUT);
  }
});

test('from 3.6 on the database alone is enough', (t) => {
  const later = wanted(3, { etcd: { version: '3.6.14' } });
  t.deepEqual(
    told(later, off([...listed, remnant]))[0],
    [
      'nobody answers, and by the data of etcd01 the cluster has a member old1 at https://198.18.0.99:2380 that the inventory does not name; it counts: 3 of 4 must answer',
    ][0],
  );
});

test('a member that was announced and is not started yet is not new', (t) => {
  const added = { ...remnant, name: '', peerUrls: ['https://198.18.0.14:2380'] };
  const desired = wanted(4, { etcd: { version: '3.6.14' } });
  t.false(told(desired, off([...listed, added])).some((one) => one.includes('is new')));
});

test('a member at the address of a bare host is not started there', (t) => {
  const desired = wanted(3, {
    members: [11, 12, 99].map((last, index) => ({
      ...{ name: `etcd0${index + 1}`, address: `198.18.0.${last}` },
    })),
  });
  const facts = but(off(), 'etcd03', () => bare(three).members.get('etcd03') ?? {});
  t.deepEqual(told(desired, facts), [
    'etcd03: was made with address 198.18.0.13; the inventory says 198.18.0.99, where nothing of etcd03 is',
    'put address: 198.18.0.13 back into the inventory; up moves a member with its data alone, and while others answer',
  ]);
});

test('a member beyond those that the hosts hold is new', (t) => {
  t.deepEqual(told(wanted(4), off()), [
    'etcd04: is new: by the data of etcd01 the cluster has no member etcd04 at https://198.18.0.14:2380; its members are etcd01, etcd02, etcd03',
    'take etcd04 out of the inventory; or find out whether all members answer',
  ]);
});
