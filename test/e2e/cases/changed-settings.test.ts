import { readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { plugIn, unplug } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, type ClusterWish, describeCluster } from '../lab/cluster.ts';
import { memberStates } from '../lab/etcd-unit.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { said } from '../observer/seen.ts';
import { extent } from './extent.ts';

const lab = useLab({ count: 4 });

const described = (wish: ClusterWish = {}) => describeCluster(lab.current, { members: 3, ...wish });

function host(number: number): LabHost {
  const found = lab.current.hosts[number - 1];
  if (found === undefined) throw new Error(`the lab has no host ${number}`);
  return found;
}

const three = () => lab.current.hosts.slice(0, 3);

/** Members by name and address, as an inventory has them. */
const members = (...pairs: readonly (readonly [name: number | string, at: number])[]) =>
  pairs.map(([name, at]) => ({
    name: typeof name === 'number' ? host(name).name : name,
    address: host(at).address,
  }));

interface Changed {
  readonly what: string;
  readonly wish: () => ClusterWish;
  /** Both values, in the order in which they are said. */
  readonly says: () => readonly string[];
}

const CHANGES: readonly Changed[] = [
  {
    what: 'another configuration directory',
    wish: () => ({ etcd: { paths: { conf: '/etc/etcd-new' } } }),
    says: () => ['etcd.paths.conf /etc/etcd', '/etc/etcd-new', 'etcd.paths.conf: /etc/etcd'],
  },
  {
    what: 'the names of two members exchanged',
    wish: () => ({ change: { members: members([2, 1], [1, 2], [3, 3]) } }),
    says: () => [`${host(1).address} runs member ${host(1).name}`, host(2).name],
  },
  {
    what: 'the addresses of two members exchanged',
    wish: () => ({ change: { members: members([1, 3], [2, 2], [3, 1]) } }),
    says: () => [`${host(3).address} runs member ${host(3).name}`, host(1).name],
  },
  {
    what: 'a member with another name',
    wish: () => ({ change: { members: members([1, 1], [2, 2], ['other', 3]) } }),
    says: () => [`${host(3).address} runs member ${host(3).name}`, 'calls it other'],
  },
  {
    what: 'the address of a host that has nothing',
    wish: () => ({ change: { members: members([1, 1], [2, 2], [3, 4]) } }),
    says: () => [`address ${host(3).address}`, host(4).address, `address: ${host(3).address}`],
  },
  {
    what: 'everything at once',
    wish: () => ({
      etcd: { ports: { peer: 12380 }, paths: { data: '/data/etcd', conf: '/etc/etcd-new' } },
    }),
    says: () => ['etcd.paths.conf /etc/etcd', '/etc/etcd-new'],
  },
];

/** What must never stand in a sentence about a cluster that answers. */
const DESTRUCTIVE = /member remove|--wipe|--purge|rm -/;

async function refused(t: ExecutionContext, { what, wish, says }: Changed): Promise<void> {
  const { inventory } = await described(wish());
  for (const command of [['up', '--yes'], ['doctor']] as const) {
    const [verb, ...flags] = command;
    const run = await lab.current.provision([verb, inventory, ...flags]);
    const told = `${what}: ${run.stdout}${run.stderr}`;
    t.is(run.exitCode, verb === 'up' ? 3 : 1, told);
    t.true(inOrder(told, says()), told);
    t.notRegex(told, DESTRUCTIVE);
  }
  const { exitCode, stdout, stderr } = await lab.current.provision(['status', inventory]);
  t.true(inOrder(stdout, says()), stdout);
  t.notRegex(stdout, DESTRUCTIVE);
  // Members may answer all the same; where they do not, the next step is the one that was told.
  const next = /^ {2}next: (.*)$/m.exec(stdout)?.[1] ?? '';
  if (exitCode !== 0) t.true(stderr.includes(`\n  next: ${next}\n`), stderr);
  else t.regex(stdout, /3 of 3 members answer/);
}

function inOrder(text: string, words: readonly string[]): boolean {
  let from = 0;
  return words.every((word) => {
    const at = text.indexOf(word, from);
    from = at + word.length;
    return at >= 0;
  });
}

test.serial('a setting that differs from what runs is refused with both values', async (t) => {
  t.timeout(900_000);
  const cluster = await described();
  const made = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(made.exitCode, 0, made.stderr);
  const before = await memberStates(three());
  for (const one of extent(CHANGES, 8)) await refused(t, one);
  t.deepEqual(await memberStates(three()), before);

  const back = await lab.current.provision(['up', (await described()).inventory, '--yes']);
  t.regex(back.stdout, /nothing to do/, back.stderr);
  t.deepEqual(await memberStates(three()), before);
});

test.serial('status names another unit and another name of the cluster', async (t) => {
  const { inventory } = await described({ etcd: { unit: 'etcd-x' } });
  const unit = await lab.current.provision(['status', inventory]);
  t.is(unit.exitCode, 1);
  t.regex(
    unit.stdout,
    /: run in etcd\.service; the inventory says etcd\.unit: etcd-x\n {2}next: put etcd\.unit: etcd back/,
  );
  t.notRegex(unit.stdout, /no quorum|nothing to lose/);
  const renamed = await described({ name: 'other' });
  await writeFile(
    renamed.inventory,
    (await readFile((await described()).inventory, 'utf8')).replace(
      '"cluster":"proof"',
      '"cluster":"other"',
    ),
  );
  const name = await lab.current.provision(['status', renamed.inventory]);
  t.is(name.exitCode, 0, name.stderr);
  t.regex(
    name.stdout,
    /data of cluster proof .*\n {2}next: to go on with proof, put cluster: proof back into/,
  );
});

test.serial(
  'snapshot save: reads the cluster that runs, and says what the inventory has otherwise',
  async (t) => {
    const before = await memberStates(three());
    for (const { wish, says } of CHANGES.filter(({ what }) => what.endsWith(' directory'))) {
      const { inventory } = await described(wish());
      const [was = '', is = ''] = says();
      const saved = await lab.current.provision(['snapshot', 'save', inventory]);
      const warnings = saved.stderr
        .split('\n')
        .filter((line) => line.includes('the inventory says'));
      t.is(warnings.length, 1, saved.stderr);
      t.true(
        inOrder(warnings[0] ?? '', ['warning: ', was, is, 'of the cluster that runs']),
        saved.stderr,
      );
      // Where our certificates are not, those of the process are shown.
      t.is(saved.exitCode, 0, saved.stderr);
      const scheduled = await lab.current.provision([
        'snapshot',
        'schedule',
        inventory,
        '--every',
        '1h',
        '--yes',
      ]);
      t.is(scheduled.exitCode, 3, scheduled.stderr);
      t.true(inOrder(scheduled.stderr, says()), scheduled.stderr);
    }
    t.deepEqual(await memberStates(three()), before);
  },
);

test.serial('a stopped cluster whose paths changed is not called lost', async (t) => {
  t.timeout(600_000);
  const cluster = await described();
  const down = await lab.current.provision(['down', cluster.inventory, '--yes']);
  t.is(down.exitCode, 0, down.stderr);
  const before = await memberStates(three());
  for (const wish of [
    { etcd: { paths: { data: '/data/etcd', conf: '/etc/etcd-new' } } },
    { etcd: { ports: { peer: 12380 } } },
  ]) {
    const { exitCode, stderr } = await lab.current.provision([
      ...['up', (await described(wish)).inventory, '--yes'],
    ]);
    t.is(exitCode, 3, stderr);
    t.regex(stderr, /were made with etcd\.(paths\.conf|ports\.peer)/);
    t.notRegex(stderr, DESTRUCTIVE);
  }
  // Nobody answers: who the members are stands in their data.
  for (const [wish, says] of [
    [{ members: 2 }, `has a member ${host(3).name} at https://${host(3).address}:2380`],
    [
      { change: { members: members([1, 1], [2, 2], [3, 4]) } },
      `${host(3).name}: was made with address ${host(3).address}`,
    ],
    [{ members: 4 }, `${host(4).name}: is new`],
  ] as const)
    for (const verb of ['up', 'doctor']) {
      const flags = verb === 'up' ? ['--yes'] : [];
      const { inventory } = await described(wish);
      const { exitCode, stdout, stderr } = await lab.current.provision([verb, inventory, ...flags]);
      t.is(exitCode, verb === 'up' ? 3 : 1, stderr);
      t.true(`${stdout}${stderr}`.includes(says), `${says}\n${stdout}${stderr}`);
      t.notRegex(stdout, DESTRUCTIVE);
    }
  t.deepEqual(await memberStates(three()), before);
  const again = await lab.current.provision(['up', (await described()).inventory, '--yes']);
  t.is(again.exitCode, 0, again.stderr);
});

test.serial('a lost etcd.conf of one member is written again without a restart', async (t) => {
  const cluster = await described();
  const before = await memberStates(three());
  await doInside(host(2), sh`rm /etc/etcd/etcd.conf`);
  const again = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(again.exitCode, 0, again.stderr);
  t.deepEqual(await memberStates(three()), before);
});

test.serial("one member's leaves are rotated while another host is down", async (t) => {
  t.timeout(300_000);
  const cluster = await described();
  const served = () => said(host(1), 'sha256sum /etc/etcd/pki/server.crt');
  await unplug(host(3));
  t.teardown(() => plugIn(host(3)));
  const former = await served();
  const words = ['certs', 'rotate', cluster.inventory, '--yes', '--member'];
  const rotated = await lab.current.provision([...words, host(1).name]);
  t.is(rotated.exitCode, 0, rotated.stderr);
  t.not(await served(), former);
  const restarting = await lab.current.provision([...words, host(1).name, '--restart']);
  t.is(restarting.exitCode, 3);
  t.regex(restarting.stderr, /1 of 3 would be left, and 2 must answer/);
  const absent = await lab.current.provision([...words, host(3).name]);
  t.is(absent.exitCode, 4);
  await plugIn(host(3));
});

test.serial(
  'a member the cluster never had is new: certs rotate says so, and up adds it',
  async (t) => {
    t.timeout(600_000);
    const wish = { members: 4 };
    const { inventory } = await described(wish);
    const refusal = await lab.current.provision(['certs', 'rotate', inventory, '--yes', '--json']);
    t.is(refusal.exitCode, 3);
    const [problem] = JSON.parse(refusal.stdout).refusals;
    t.deepEqual(problem.about, [host(4).name]);
    t.regex(problem.sentence, /is new/);
    const [leave, add] = problem.next;
    t.deepEqual(leave.commands, []);
    t.is(add.commands.length, 1);
    const [[, ...join]] = add.commands;
    const joined = await lab.current.provision([...join, '--yes']);
    t.is(joined.exitCode, 0, joined.stderr);
    const four = await described(wish);
    t.deepEqual(await agreedValue(four, 'with four'), Array(4).fill('with four'));
  },
);
