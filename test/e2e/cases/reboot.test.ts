import test from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import { describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

const described = () => describeCluster(lab.current);
const provision = (...args: readonly string[]) => lab.current.provision(args);

/** Which boot each host runs as. */
const boots = () =>
  Promise.all(lab.current.hosts.map((host) => said(host, 'cat /proc/sys/kernel/random/boot_id')));

const different = (before: readonly string[], after: readonly string[]) =>
  lab.current.hosts.map(({ name }) => name).filter((_, at) => before[at] !== after[at]);

test.serial(
  'reboot: killed behind the first host, another run is kept out, the rerun reboots the rest and nobody twice',
  async (t) => {
    const cluster = await described();
    const { inventory } = cluster;
    t.is((await provision('up', inventory, '--yes')).exitCode, 0);
    const since = Date.now();
    const observer = observe(endpoints(cluster));
    const first = await boots();
    const operator = await startOperator(['reboot', inventory, '--yes']);
    // The first host is down now, and its lock with it.
    await operator.says(/hand leadership to another member, if it leads \(/);
    const beside = await provision('reboot', inventory, '--yes');
    t.true([4, 5].includes(beside.exitCode ?? 0), beside.stdout + beside.stderr);
    await operator.says(/reboot (\S+)\n[\s\S]*\n {2}all: answer[\s\S]*\nreboot (?!\1)/);
    operator.kill('SIGKILL');
    await operator.ended;

    const again = await provision('reboot', inventory, '--yes');
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.regex(again.stdout, /is left out: its host came up \d+ s ago, in a reboot that is not over/);
    t.deepEqual(different(first, await boots()).length, 3);
    const rebooted = again.stdout.match(/hand leadership to another member, if it leads \(\d/g);
    t.true((rebooted ?? []).length < 3, again.stdout);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
    await oneAtATime(t, lab.current.hosts, since);
  },
);

test.serial('reboot --required: the host that asks for it, and then none', async (t) => {
  const { inventory } = await described();
  const second = hostAt(lab.current, 1);
  await said(second, 'touch /run/reboot-required');
  const before = await boots();
  const asked = await provision('reboot', inventory, '--yes', '--required', '--json');
  t.is(asked.exitCode, 0, asked.stdout + asked.stderr);
  t.deepEqual(JSON.parse(asked.stdout).rebooted, [second.name]);
  t.deepEqual(different(before, await boots()), [second.name]);
  const again = await provision('reboot', inventory, '--yes', '--required');
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  t.deepEqual(different(before, await boots()), [second.name]);
});

test.serial(
  'reboot --required: two timers of two operators at one moment reboot each host once, one at a time',
  async (t) => {
    t.timeout(600_000);
    const cluster = await described();
    const asking = [hostAt(lab.current, 0), hostAt(lab.current, 2)];
    for (const one of asking) await said(one, 'touch /run/reboot-required');
    const before = await boots();
    const since = Date.now();
    const observer = observe(endpoints(cluster));
    // As docs/runbook.md has it.
    const words = ['reboot', cluster.inventory, '--required', '--yes', '--lock-wait', '3600'];
    const operators = await Promise.all([startOperator(words), startOperator(words)]);
    const codes = await Promise.all(operators.map(async (one) => (await one.ended).exitCode));
    // Who waits for the lock may lose its connection to a host that goes down.
    t.true(codes.includes(0), operators.map((one) => one.said()).join('\n'));
    t.true(
      codes.every((code) => [0, 4, 5].includes(code ?? -1)),
      codes.join(),
    );
    t.deepEqual(
      different(before, await boots()),
      asking.map(({ name }) => name),
    );
    const rebooted = operators.map((one) => (one.said().match(/^reboot \S+$/gm) ?? []).length);
    t.deepEqual(rebooted.toSorted(), [0, 2]);
    await oneAtATime(t, lab.current.hosts, since, 2);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  },
);

test.serial(
  'reboot: a data directory that was mounted by hand, and units that are not enabled',
  async (t) => {
    const { inventory } = await described();
    const [first, second, third] = [0, 1, 2].map((at) => hostAt(lab.current, at)) as [
      LabHost,
      LabHost,
      LabHost,
    ];
    await said(third, 'systemctl disable ssh');
    await said(first, 'mount --bind /var/lib/etcd /var/lib/etcd');
    await said(second, 'systemctl disable etcd');
    const before = await boots();
    const refused = await provision('reboot', inventory, '--yes');
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, new RegExp(`${first.name}: /var/lib/etcd, .* was mounted by hand`));
    t.regex(refused.stderr, new RegExp(`${second.name}: etcd.service is not enabled`));
    const enable = new RegExp(
      `${third.name}: ssh.service, through which this run logs in.*\\n.*: (systemctl .*) on ${third.name}$`,
      'm',
    ).exec(refused.stderr)?.[1];
    if (enable === undefined) throw new Error(refused.stderr);
    t.deepEqual(different(before, await boots()), []);

    await said(
      first,
      'echo "/var/lib/etcd /var/lib/etcd none bind 0 0" >> /etc/fstab; systemctl daemon-reload',
    );
    await said(second, 'systemctl enable etcd');
    const done = await provision('reboot', inventory, '--yes', first.name);
    t.is(done.exitCode, 0, done.stdout + done.stderr);
    t.deepEqual(different(before, await boots()), [first.name]);

    await said(third, enable);
    const last = await provision('reboot', inventory, '--yes', third.name);
    t.is(last.exitCode, 0, last.stdout + last.stderr);
    t.deepEqual(different(before, await boots()), [first.name, third.name]);
  },
);
