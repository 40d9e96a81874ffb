import test from 'ava';
import {
  dropNothing,
  dropPeer,
  dropPort,
  mountSmallDisk,
  plugIn,
  unplug,
} from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { useLab } from '../lab/lab.ts';
import { startOperator, stateDirectory } from '../lab/operator.ts';
import { place } from '../lab/place.ts';

const lab = useLab({ count: 3 });

let state = '';
test.before(async () => {
  state = await stateDirectory();
});

interface Finding {
  readonly check: string;
  readonly host: string;
  readonly verdict: string;
  readonly reason: string;
}

interface Checked {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly findings: readonly Finding[];
  /** `check host verdict` of everything that does not pass. */
  readonly unfit: readonly string[];
}

async function check(inventory: string, ...more: readonly string[]): Promise<Checked> {
  const { ended } = await startOperator(['check', inventory, '--json', ...more], { state });
  const { exitCode, stdout, stderr } = await ended;
  const { findings }: { findings: readonly Finding[] } = JSON.parse(stdout);
  const unfit = findings.filter(
    ({ verdict, check: name }) => verdict !== 'pass' && !LAB_OWN.has(name),
  );
  return {
    ...{ exitCode, stderr, findings },
    unfit: unfit.map(({ check: name, host, verdict }) => `${name} ${host} ${verdict}`),
  };
}

// A lab keeps no time of its own, and its disks are as busy as the machine is.
const LAB_OWN = new Set(['time synchronization', 'disk writes', 'round trips']);

/** Every file and directory of the host, and who listens. */
async function trace(host: LabHost): Promise<readonly string[]> {
  const { stdout } = await inside(
    host,
    sh`for place in /etc /opt /usr /var /root; do
  find $place -xdev '(' -path /var/log -o -path /var/tmp ')' -prune -o -type d -print -o -printf '%p %s %T@\n'
done
ss -Hltn`,
  );
  return stdout.split('\n').sort();
}

const [A, B, C] = [0, 1, 2];
const host = (index: number): LabHost => {
  const found = lab.current.hosts[index];
  if (found === undefined) throw new TypeError(`no host ${index}`);
  return found;
};

test.serial('check: bare hosts are fit, and are left as they were', async (t) => {
  const { inventory } = await place(lab.current);
  const before = await Promise.all(lab.current.hosts.map(trace));
  const { exitCode, unfit, findings, stderr } = await check(inventory);
  t.deepEqual(unfit, [], stderr);
  t.is(exitCode, 0, stderr);
  const after = await Promise.all(lab.current.hosts.map(trace));
  const news = after.flatMap((lines, index) =>
    lines.filter((line) => before[index]?.includes(line) === false),
  );
  t.deepEqual(news, []);

  const said = (name: string) =>
    findings.filter((one) => one.check === name).map(({ reason }) => reason);
  t.deepEqual(said('peer ports'), Array(3).fill('reaches every other'));
  t.deepEqual(said('ports'), Array(3).fill('free'));
  t.true(
    said('disk writes').every((reason) =>
      /^\d+ synced writes, median [\d.]+ ms, p99 [\d.]+ ms/.test(reason),
    ),
  );
  t.deepEqual(said('plan'), ['up finds nothing against going on']);

  const quick = await check(inventory, '--no-disk-test');
  t.false(quick.findings.some((one) => one.check === 'disk writes'));
});

test.serial('check: a table for people', async (t) => {
  const { inventory } = await place(lab.current);
  const { ended } = await startOperator(['check', inventory, '--no-disk-test'], { state });
  const { exitCode, stdout } = await ended;
  t.is(exitCode, 0);
  t.regex(stdout, /│ peer ports +│ Pass +│ .* │ reaches every other +│/);
  t.regex(stdout, /^\d+ pass, \d+ warn, 0 fail$/m);
});

test.serial(
  'check: finds the peer port that a firewall drops, and who does not reach it',
  async (t) => {
    const { inventory } = await place(lab.current);
    await dropPort(host(B), 2380);
    const { exitCode, unfit, findings, stderr } = await check(inventory, '--no-disk-test');
    await dropNothing(host(B));
    t.is(exitCode, 1);
    t.deepEqual(
      unfit,
      [A, B, C].map((index) => `peer ports ${host(index).name} fail`),
    );
    t.is(
      findings.find((one) => one.check === 'peer ports' && one.host === host(A).name)?.reason,
      `does not reach ${host(B).name} at ${host(B).address}:2380 (no answer within 4 s)`,
    );
    t.regex(
      stderr,
      /error: \S+: not fit: peer ports \(\S+\), .*\n {2}next: open the port in every firewall/,
    );
  },
);

test.serial('check: finds two hosts that do not see each other', async (t) => {
  const { inventory } = await place(lab.current);
  await dropPeer(host(A), host(C));
  const { unfit } = await check(inventory, '--no-disk-test');
  await dropNothing(host(A));
  t.deepEqual(unfit, [`peer ports ${host(A).name} fail`, `peer ports ${host(C).name} fail`]);
});

test.serial('check: finds what else is in the way', async (t) => {
  const { inventory } = await place(lab.current);
  await mountSmallDisk(host(A), '/var/lib/etcd', 32);
  await inside(
    host(B),
    sh`systemd-run --unit=squatter systemd-socket-activate --listen=2379 cat
systemctl set-environment ETCD_UNSAFE_NO_FSYNC=true
mkdir -p /etc/kubernetes/manifests && touch /etc/kubernetes/manifests/etcd.yaml`,
  );
  const { exitCode, unfit } = await check(inventory, '--no-disk-test');
  await inside(host(A), sh`umount /var/lib/etcd && rmdir /var/lib/etcd`);
  await inside(
    host(B),
    sh`systemctl stop squatter; systemctl unset-environment ETCD_UNSAFE_NO_FSYNC; rm -r /etc/kubernetes`,
  );
  t.is(exitCode, 1);
  t.deepEqual(unfit.toSorted(), [
    `ETCD_ variables ${host(B).name} warn`,
    `data disk ${host(A).name} fail`,
    `leftovers ${host(B).name} warn`,
    'plan all fail',
    `ports ${host(B).name} fail`,
  ]);
});

test.serial('check: finds names that do not resolve, or to the wrong place', async (t) => {
  const name = 'member-b.example';
  const edit = (text: string) =>
    text.replace(
      `address: ${host(B).address} }`,
      `address: ${name}, listen: ${host(B).address}, ssh: { host: ${host(B).address} } }`,
    );
  const { inventory } = await place(lab.current, { edit });
  await inside(host(A), sh`echo ${`${host(B).address} ${name}`} >> /etc/hosts`);
  await inside(host(B), sh`echo ${`127.0.1.1 ${name}`} >> /etc/hosts`);
  const { exitCode, unfit, findings } = await check(inventory, '--no-disk-test');
  t.is(exitCode, 1);
  t.deepEqual(
    unfit.filter((one) => one.startsWith('names')),
    [`names ${host(A).name} warn`, `names ${host(B).name} fail`, `names ${host(C).name} fail`],
  );
  const reasons = findings.filter((one) => one.check === 'names').map(({ reason }) => reason);
  t.is(reasons[1], `${name} is 127.0.1.1 here`);
  t.is(reasons[2], `does not know ${name}`);
  for (const each of lab.current.hosts) await inside(each, sh`sed -i /member-b/d /etc/hosts`);
});

test.serial('check: reports the others when one host is gone', async (t) => {
  const { inventory } = await place(lab.current);
  await unplug(host(C));
  const { exitCode, unfit, findings } = await check(inventory, '--no-disk-test');
  await plugIn(host(C));
  t.is(exitCode, 1);
  t.true(unfit.includes(`reachable ${host(C).name} fail`), unfit.join('\n'));
  t.true(findings.some((one) => one.check === 'data disk' && one.host === host(A).name));
  t.true(
    unfit.includes(`peer ports ${host(A).name} fail`),
    'what cannot be logged into is dialled all the same',
  );
});

test.serial('check: a cluster that runs is fit', async (t) => {
  const { inventory } = await place(lab.current);
  const { ended } = await startOperator(['up', inventory, '--yes'], { state });
  t.is((await ended).exitCode, 0);
  const { unfit, findings } = await check(inventory);
  t.deepEqual(unfit, []);
  t.deepEqual(
    findings.filter((one) => one.check === 'ports').map(({ reason }) => reason),
    Array(3).fill('2379, 2380: ours'),
  );
});

test.serial(
  'up: warns of a clock, and refuses where certificates would not be valid yet',
  async (t) => {
    // etcd reads the kernel's clock; only what is asked over SSH is told another time.
    const date = sh`#!/bin/sh
[ "$1" = +%s.%N ] || exec /bin/date.real "$@"
echo $(( $(/bin/date.real +%s) - 7200 )).0`;
    await inside(
      host(A),
      sh`mv /bin/date /bin/date.real; printf '%s\n' ${date.text} > /bin/date; chmod 755 /bin/date`,
    );
    const settings = { 'heartbeat-interval': 120 };
    const { inventory } = await place(lab.current, { settings });
    const { ended } = await startOperator(['up', inventory, '--yes'], { state });
    const { exitCode, stderr } = await ended;
    await inside(host(A), sh`mv -f /bin/date.real /bin/date`);
    t.is(exitCode, 3, stderr);
    t.regex(
      stderr,
      new RegExp(
        `^error: ${host(A).name}: clock: 2 h behind this machine's: certificates are not valid there yet`,
        'm',
      ),
    );
  },
);
