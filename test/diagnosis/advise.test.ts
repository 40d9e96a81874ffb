import test from 'ava';
import { adviceContextOf, advise } from '../../src/diagnosis/advise.ts';
import { cures, replacing } from '../../src/diagnosis/cures.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import type { Remedy } from '../../src/problem/remedy.ts';
import { nextText } from '../../src/problem/render.ts';
import {
  but,
  butAll,
  dataOf,
  emptyData,
  type SeenFacts,
  settled,
  stopped,
  wanted,
} from '../plan/facts.ts';

const three = wanted();
const answering = settled(three);
const UP = 'provision up INVENTORY';

const advises = test.macro(
  (
    t,
    facts: SeenFacts,
    next: readonly Remedy[],
    expected: string,
    { kind = 'killed', failed = false } = {},
  ) => {
    const found = { kind, about: ['etcd02'], sentence: 'something is wrong', evidence: [], next };
    const wishes = { freshToken: '', wipe: false, allowDowntime: false };
    const plan = failed ? planCluster(three, facts, wishes) : undefined;
    const { next: left, ...rest } = advise(
      adviceContextOf(three, facts, [found], plan),
      found,
    ).problem;
    t.deepEqual(rest, {
      ...{ kind, about: ['etcd02'], sentence: 'something is wrong', evidence: [] },
    });
    t.is(nextText(left), expected);
  },
);

const up = [cures.up('etcd02')];
const off = but(answering, 'etcd02', stopped);
test('advise() sends to up where it starts the member', advises, off, up, UP);
test(
  'advise() does not send to up where it has just failed to do the same',
  advises,
  off,
  up,
  'up would change nothing on etcd02 that it has not tried; see its log: journalctl --unit etcd --lines 50 on that host',
  { failed: true },
);
test(
  'advise() says where up would change nothing',
  advises,
  answering,
  [cures.up('etcd02', 'renews certificates')],
  'up would change nothing on etcd02 that it has not tried; see its log: journalctl --unit etcd --lines 50 on that host',
);
test(
  'advise() tells why up refuses, and the way out of that',
  advises,
  but(but(answering, 'etcd02', stopped), 'etcd02', () => ({
    data: dataOf(three, 'etcd02', 'other'),
  })),
  up,
  'up refuses now: the data directories belong to different clusters: etcd01 has e408d778c4a7c321, etcd02 has 7eaa42772fff9c79, etcd03 has e408d778c4a7c321; etcd02 differs from etcd01, etcd03; the log recorded for etcd02 was of e408d778c4a7c321; find out which one is the cluster: provision status INVENTORY shows who answers; move nothing before',
);

const DROP_IN = {
  path: '/etc/systemd/system/etcd.service.d/u.conf',
  ...{ content: '[Service]\nUser=nobody\n', environmentFiles: [] },
};
test(
  'advise() sends to the drop-in that brings it about, and not to what would not help',
  advises,
  but(off, 'etcd02', ({ launch }) => ({ launch: { ...launch, dropIns: [DROP_IN] } })),
  [...up, cures.byHand('look at the directory')],
  'up refuses now: etcd02: /etc/systemd/system/etcd.service.d/u.conf changes its account (User), which the inventory does not know of; move it away on etcd02: mv /etc/systemd/system/etcd.service.d/u.conf /root/ && systemctl daemon-reload; settings of etcd belong into etcd.settings of the inventory, those of its unit into etcd.service; then provision up INVENTORY',
  { kind: 'rights' },
);

const without = (facts: SeenFacts, name: string): SeenFacts => ({
  ...facts,
  members: new Map([...facts.members].filter(([one]) => one !== name)),
});
const dead = without(butAll(answering, stopped), 'etcd01');
test(
  'advise() starts a stopped member by hand while another host cannot be reached',
  advises,
  dead,
  up,
  `on that host: systemctl start --no-block etcd; or ${UP}, once etcd01 can be reached`,
  { kind: 'stopped' },
);
test(
  'advise() has what up repairs wait for the hosts it needs',
  advises,
  dead,
  [cures.up('etcd02', 'renews certificates')],
  `up renews certificates: ${UP}, once etcd01 can be reached`,
);
test(
  'advise() leaves advice alone that asks for something else first',
  advises,
  answering,
  [cures.thenUp('mount the disk on that host')],
  `mount the disk on that host; then ${UP}`,
);
test(
  'advise() has a member replaced while the others answer',
  advises,
  off,
  replacing('etcd02'),
  'the others hold its data: provision member replace INVENTORY etcd02; or while etcd02 is away, keep the others running, and save what they hold: provision snapshot save INVENTORY',
);
test(
  'advise() has nobody replaced while another of the others does not answer',
  advises,
  but(off, 'etcd03', stopped),
  replacing('etcd02'),
  'while etcd02 is away, keep the others running, and save what they hold: provision snapshot save INVENTORY',
);
const allOff = butAll(answering, stopped);
test(
  'advise() has the others started where they could be',
  advises,
  allOff,
  replacing('etcd02'),
  'start the others first, which hold its data; leave the data directory of etcd02 as it is until they answer',
);
const lost = but(
  but(allOff, 'etcd01', () => ({ data: emptyData })),
  'etcd03',
  () => ({ data: emptyData }),
);
test(
  'advise() offers nothing where nothing is safe',
  advises,
  lost,
  replacing('etcd02'),
  'nothing is safe to do by a command now; change nothing and see what each host has',
);

test('advise() restores only where too few have data that can be read', (t) => {
  const next = [cures.restoreFromMember('etcd03')];
  const broken = ['etcd01', 'etcd02'].map((name) => ({
    ...{
      kind: 'database-damaged',
      about: [name],
      sentence: 'its database is damaged',
      evidence: [],
      next,
    },
  }));
  const told = (facts: SeenFacts, some: typeof broken) =>
    some.map((one) => nextText(advise(adviceContextOf(three, facts, some), one).problem.next));
  const restore = 'provision restore INVENTORY --from-member etcd03';
  const nothing =
    'nothing is safe to do by a command now; change nothing and see what each host has';
  t.deepEqual(told(allOff, broken), [restore, restore]);
  t.deepEqual(told(allOff, broken.slice(1)), [nothing]);
  t.deepEqual(told(but(answering, 'etcd01', stopped), broken), [nothing, nothing]);
  t.deepEqual(
    told(without(allOff, 'etcd03'), broken),
    Array(2).fill(
      'find out how many members still have their data, and find out whether etcd03 still has its data',
    ),
  );
});
