import test from 'ava';
import type { ClusterFacts } from '../../src/facts/cluster.ts';
import { adviseUp } from '../../src/plan/up-advice.ts';
import { but, butAll, dataOf, settled, stopped, wanted } from './facts.ts';

const three = wanted();
const answering = settled(three);
const UP = 'provision up INVENTORY';

const advises = test.macro(
  (t, facts: ClusterFacts, next: string, expected: string, kind?: string) => {
    const found = { name: 'etcd02', kind: kind ?? 'killed', cause: 'something is wrong', next };
    t.deepEqual(adviseUp(three, facts, [found]), [{ ...found, next: expected }]);
  },
);

test(
  'adviseUp() sends to up where it starts the member',
  advises,
  but(answering, 'etcd02', stopped),
  UP,
  UP,
);
test(
  'adviseUp() says where up would change nothing',
  advises,
  answering,
  `${UP}: it renews certificates`,
  'up would change nothing on etcd02; see its log: journalctl --unit etcd --lines 50 on that host',
);
test(
  'adviseUp() tells why up refuses, and the way out of that',
  advises,
  but(but(answering, 'etcd02', stopped), 'etcd02', () => ({
    data: dataOf(three, 'etcd02', 'other'),
  })),
  UP,
  'up refuses now: the data directories belong to different clusters: etcd01 has e408d778c4a7c321, etcd02 has 7eaa42772fff9c79, etcd03 has e408d778c4a7c321; if a restore was begun and not finished, run it again, or: provision restore INVENTORY --undo; or find out which one is the cluster: provision status INVENTORY shows who answers; move nothing before',
);

const without = (facts: ClusterFacts, name: string): ClusterFacts => ({
  ...facts,
  members: new Map([...facts.members].filter(([one]) => one !== name)),
});
const dead = without(butAll(answering, stopped), 'etcd01');
test(
  'adviseUp() starts a stopped member by hand while another host cannot be reached',
  advises,
  dead,
  UP,
  `on that host: systemctl start etcd; or ${UP}, once etcd01 can be reached`,
  'stopped',
);
test(
  'adviseUp() has what up repairs wait for the hosts it needs',
  advises,
  dead,
  UP,
  `${UP}, once etcd01 can be reached`,
);
test(
  'adviseUp() leaves advice alone that asks for something else first',
  advises,
  answering,
  `mount the disk on that host, then ${UP}`,
  `mount the disk on that host, then ${UP}`,
);
