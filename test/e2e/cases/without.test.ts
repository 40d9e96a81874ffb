import test from 'ava';
import { etcdPaths } from '../../../src/lab/etcd.ts';
import { cutPower, restorePower } from '../../../src/lab/faults.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { memberStates } from '../lab/etcd-unit.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

const VERSION = '3.5.30';
const lab = useLab({ count: 5 });

const described = (members: number, heartbeat: number): Promise<Cluster> =>
  describeCluster(lab.current, {
    ...{ members, file: `of-${members}-${heartbeat}` },
    etcd: {
      version: VERSION,
      source: { directory: etcdPaths(VERSION).programs },
      settings: { 'heartbeat-interval': heartbeat },
    },
  });

const provision = (...args: readonly string[]) => lab.current.provision(args);

/** Which of the hosts have another process or configuration of etcd than before. */
async function touched(
  at: readonly number[],
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const hosts = at.map((one) => hostAt(lab.current, one));
  const before = await memberStates(hosts);
  await work();
  const after = await memberStates(hosts);
  return hosts.map(({ name }) => name).filter((_, one) => before[one] !== after[one]);
}

test.serial(
  'three members, one without power: leaves are rotated, nobody is restarted, its return ends it',
  async (t) => {
    const was = await described(3, 100);
    t.is((await provision('up', was.inventory, '--yes')).exitCode, 0);
    const third = hostAt(lab.current, 2);
    t.is(
      (await provision('member', 'move-leader', was.inventory, hostAt(lab.current, 0).name, '-y'))
        .exitCode,
      0,
    );
    await cutPower(third);
    const told = await provision('certs', 'rotate', was.inventory, '--yes');
    t.is(told.exitCode, 4, told.stdout + told.stderr);
    t.regex(told.stderr, new RegExp(`certs rotate \\S+ --without ${third.name}`));
    const ca = await provision('certs', 'rotate-ca', was.inventory, '--yes');
    t.is(ca.exitCode, 4, ca.stdout + ca.stderr);
    t.regex(ca.stderr, new RegExp(`nothing of this is done without ${third.name}: `));

    const observer = observe(endpoints(was).slice(0, 2));
    const rotated = await provision(
      ...['certs', 'rotate', was.inventory, '--yes', '--without', third.name],
    );
    t.is(rotated.exitCode, 6, rotated.stdout + rotated.stderr);
    t.regex(rotated.stderr, new RegExp(`still to come: ${third.name} \\(away`));

    const rebooting = ['reboot', was.inventory, hostAt(lab.current, 0).name, '--yes'];
    const alone = await provision(...rebooting);
    t.is(alone.exitCode, 4, alone.stdout + alone.stderr);
    t.notRegex(alone.stderr, /--without/);
    const reboot = await provision(...rebooting, '--without', third.name, '--allow-downtime');
    t.is(reboot.exitCode, 3, reboot.stdout + reboot.stderr);
    t.regex(reboot.stderr, new RegExp(`cannot be rebooted without ${third.name}: 1 of 3 members`));

    // A restart of one of two would take the quorum.
    const wanted = await described(3, 120);
    const [one, two] = lab.current.hosts.map(({ name }) => name);
    const restarted = await touched([0, 1], async () => {
      const up = await provision(
        'up',
        wanted.inventory,
        '--yes',
        '--json',
        '--without',
        third.name,
      );
      t.is(up.exitCode, 6, up.stdout + up.stderr);
      t.deepEqual(JSON.parse(up.stdout).left, [third.name, one, two]);
    });
    t.deepEqual(restarted, []);
    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });

    await restorePower(third);
    const back = await provision('up', wanted.inventory, '--yes', '--without', third.name);
    t.is(back.exitCode, 3, back.stdout + back.stderr);
    const status = await provision('status', wanted.inventory);
    t.regex(status.stdout, new RegExp(`note: ${third.name} does not have the newest certificates`));
    const up = await provision('up', wanted.inventory, '--yes');
    t.is(up.exitCode, 0, up.stdout + up.stderr);
    const left = await provision('plan', wanted.inventory, '--exit-code');
    t.is(left.exitCode, 0, left.stdout);
  },
);

test.serial(
  'five members, the one that would get leadership without power: the other four restart in turn',
  async (t) => {
    const five = await described(5, 120);
    t.is((await provision('up', five.inventory, '--yes')).exitCode, 0);
    const third = hostAt(lab.current, 2);
    t.is(
      (await provision('member', 'move-leader', five.inventory, hostAt(lab.current, 0).name, '-y'))
        .exitCode,
      0,
    );
    await cutPower(third);
    const since = Date.now();
    const others = endpoints(five).filter((_, at) => at !== 2);
    const observer = observe(others);
    const wanted = await described(5, 140);
    const restarted = await touched([0, 1, 3, 4], async () => {
      const up = await provision('up', wanted.inventory, '--yes', '--without', third.name);
      t.is(up.exitCode, 6, up.stdout + up.stderr);
    });
    t.is(restarted.length, 4);

    const fourth = hostAt(lab.current, 3);
    const told = await provision(
      'reboot',
      wanted.inventory,
      fourth.name,
      '--yes',
      '--timeout',
      '300',
    );
    t.is(told.exitCode, 4, told.stdout + told.stderr);
    const offered = `reboot --timeout 300 ${wanted.inventory} ${fourth.name} --without ${third.name}`;
    t.true(told.stderr.includes(offered), told.stderr);
    const booted = await said(fourth, 'cat /proc/sys/kernel/random/boot_id');
    const rebooted = await provision(...offered.split(' '), '--yes');
    t.is(rebooted.exitCode, 6, rebooted.stdout + rebooted.stderr);
    t.regex(rebooted.stderr, new RegExp(`still to come: ${third.name} \\(away`));
    t.not(await said(fourth, 'cat /proc/sys/kernel/random/boot_id'), booted);
    await oneAtATime(
      t,
      lab.current.hosts.filter((_, at) => at !== 2),
      since,
      5,
    );

    const { failedWrites, lost } = await observer.stop();
    t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
    await restorePower(third);
    const rest = await provision('up', wanted.inventory, '--yes');
    t.is(rest.exitCode, 0, rest.stdout + rest.stderr);
    t.regex(rest.stdout, /1 restart in/);
  },
);
