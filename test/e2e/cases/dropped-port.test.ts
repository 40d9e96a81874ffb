import test from 'ava';
import { dropNothing, dropPort } from '../../../src/lab/faults.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, describeCluster } from '../lab/cluster.ts';
import { memberStates } from '../lab/etcd-unit.ts';
import { filter, filterNothing } from '../lab/firewall.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';

const lab = useLab({ count: 3 });

test.serial(
  'certs rotate, up and plan name a peer port whose packets are dropped, and change nothing',
  async (t) => {
    const cluster = await describeCluster(lab.current);
    const { hosts } = lab.current;
    const [one, two, three] = hosts;
    if (one === undefined || two === undefined || three === undefined) return t.fail();
    const first = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(first.exitCode, 0, first.stderr);
    const before = await memberStates(hosts);

    await dropPort(three, 2380);
    for (;;) {
      const { stdout } = await lab.current.provision(['status', cluster.inventory]);
      if (stdout.includes('2 of 3 members answer')) break;
    }
    const runs = [
      ['certs', 'rotate', cluster.inventory, '--yes'],
      ['up', cluster.inventory, '--yes'],
      ['plan', cluster.inventory],
    ];
    for (const words of runs) {
      const { exitCode, stderr } = await lab.current.provision(words);
      t.is(exitCode, 3, stderr);
      const ways = [...stderr.matchAll(/^ {2}(\S+ does not reach \S+) at \S+:2380 \(.*\)$/gm)];
      const names = [
        [one, three],
        [two, three],
        [three, one],
        [three, two],
      ].map(([from, to]) => `${from?.name} does not reach ${to?.name}`);
      t.deepEqual(ways.map(([, way = '']) => way).sort(), names.sort(), stderr);
      t.regex(stderr, /next: open the peer port in every firewall between them, both ways/);
    }

    t.deepEqual(await memberStates(hosts), before);

    await dropNothing(three);
    const rotated = await lab.current.provision(['certs', 'rotate', cluster.inventory, '--yes']);
    t.is(rotated.exitCode, 0, rotated.stderr);
    t.deepEqual(await agreedValue(cluster, 'after'), ['after', 'after', 'after']);
  },
);

test.serial(
  'up, plan and certs rotate name a client port that its own host rejects, and change nothing',
  async (t) => {
    const cluster = await describeCluster(lab.current);
    const three = hostAt(lab.current, 2);
    const before = await memberStates(lab.current.hosts);
    for (const how of ['reject with tcp reset', 'reject']) {
      await filter(three, `tcp dport 2379 ${how}`);
      for (const words of [
        ['plan', cluster.inventory],
        ['up', cluster.inventory, '--yes'],
        ['certs', 'rotate', cluster.inventory, '--yes'],
      ]) {
        const { exitCode, stderr } = await lab.current.provision(words);
        t.is(exitCode, 3, stderr);
        t.regex(
          stderr,
          /^ {2}\S+ does not reach its own client port at \S+:2379 \(Connection refused on the way: it listens there\)$/m,
        );
        t.regex(stderr, /next: open the client port in the firewall of that host, for the host/);
      }
      await filterNothing(three);
    }
    t.deepEqual(await memberStates(lab.current.hosts), before);
    const again = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(again.exitCode, 0, again.stderr);
  },
);

test.serial(
  'up and plan name a peer port that is closed one way while all answer, before anybody is restarted',
  async (t) => {
    const cluster = await describeCluster(lab.current);
    const [one, two, three] = [0, 1, 2].map((at) => hostAt(lab.current, at));
    if (one === undefined || two === undefined || three === undefined) return t.fail();
    const first = await lab.current.provision(['up', cluster.inventory, '--yes']);
    t.is(first.exitCode, 0, first.stderr);
    await filter(three, 'iifname != lo tcp dport 2380 drop');
    // It dials the others itself, and answers over that.
    await doInside(three, sh`systemctl restart etcd`);
    for (;;) {
      const { stdout } = await lab.current.provision(['status', cluster.inventory]);
      if (stdout.includes('3 of 3 members answer')) break;
    }
    const before = await memberStates(lab.current.hosts);
    const changed = await describeCluster(lab.current, {
      etcd: { settings: { 'quota-backend-bytes': 3_000_000_000 } },
    });
    const up = ['up', changed.inventory, '--yes'];
    for (const words of [up, ['plan', changed.inventory]]) {
      const { exitCode, stderr } = await lab.current.provision(words);
      t.is(exitCode, 3, stderr);
      const ways = [...stderr.matchAll(/^ {2}(\S+ does not reach \S+) at \S+:2380 \(.*\)$/gm)];
      t.deepEqual(
        ways.map(([, way = '']) => way).sort(),
        [
          `${one.name} does not reach ${three.name}`,
          `${two.name} does not reach ${three.name}`,
        ].sort(),
        stderr,
      );
    }
    t.deepEqual(await memberStates(lab.current.hosts), before);
    await filterNothing(three);
    const again = await lab.current.provision(up);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
  },
);
