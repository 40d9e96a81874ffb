import test from 'ava';
import type { LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, describeCluster } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { said, unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });

const RECORD = '/var/lib/provision/etcd.incarnation';
const recordOf = (host: LabHost) => said(host, `cat ${RECORD}; stat -c '%a %U:%G' ${RECORD}`);

async function cluster() {
  const found = await describeCluster(lab.current);
  const up = await lab.current.provision(['up', found.inventory, '--yes']);
  if (up.exitCode !== 0) throw new Error(up.stdout + up.stderr);
  return { ...found, told: up.stdout };
}

/** Who leads, by etcd's own tool. */
async function leader(inventory: string): Promise<LabHost> {
  const { stdout } = await provision('etcdctl', inventory, '--', 'endpoint', 'status');
  const row = stdout.split('\n').find((line) => line.split(', ')[4] === 'true') ?? '';
  const host = lab.current.hosts.find(({ address }) => row.includes(address));
  if (host === undefined) throw new Error(stdout);
  return host;
}

const provision = (...args: readonly string[]) => lab.current.provision(args);

/**
 * A start without its own data, as before units had a guard. Only that of a former leader succeeds: a leader that counts on
 * a member's log makes it panic (raft: tocommit is out of range).
 */
const BEGIN_AGAIN = sh`systemctl kill --signal=KILL etcd; systemctl stop etcd; rm -rf /root/kept; mv /var/lib/etcd /root/kept
mkdir -m 700 /var/lib/etcd; chown etcd: /var/lib/etcd; mkdir -p /run/provision; sleep 5
touch /run/provision/etcd.empty-start; systemctl start etcd`;

test.serial('each member that is made has its log recorded, root alone reads it', async (t) => {
  const { inventory } = await cluster();
  for (const host of lab.current.hosts) {
    const [header, , ...rest] = (await recordOf(host)).split('\n');
    t.is(header, `# provision: cluster proof, member ${host.name}`);
    t.deepEqual(
      rest.map((line) => line.replace(/=.*/, '')),
      ['memberId', 'clusterId', 'segment', 'length', 'sha256', '600 root:root'],
    );
  }
  const again = await provision('up', inventory, '--yes');
  t.regex(again.stdout, /nothing to do/);
});

test.serial('up records the logs of an older cluster without a restart', async (t) => {
  const { inventory } = await cluster();
  const records = await Promise.all(lab.current.hosts.map(recordOf));
  for (const host of lab.current.hosts) await doInside(host, sh`rm ${RECORD}`);
  const runs = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));
  const up = await provision('up', inventory, '--yes');
  t.is(up.exitCode, 0, up.stderr);
  t.regex(up.stdout, /each: record which log it has \(it is not recorded\)/);
  t.deepEqual(await Promise.all(lab.current.hosts.map((host) => unitRun(host))), runs);
  const segments = (all: readonly string[]) => all.map((one) => /^memberId=.*$/m.exec(one)?.[0]);
  t.deepEqual(segments(await Promise.all(lab.current.hosts.map(recordOf))), segments(records));
});

test.serial(
  'a member that began again without its data is named until its log is accepted',
  async (t) => {
    const { inventory, ...rest } = await cluster();
    const two = await leader(inventory);
    await doInside(two, BEGIN_AGAIN);
    t.is(await said(two, 'systemctl is-active etcd'), 'active');

    for (const [command, exitCode] of [
      ['status', 1],
      ['doctor', 1],
      ['up', 3],
    ] as const) {
      const told = await provision(command, inventory, ...(command === 'up' ? ['--yes'] : []));
      t.is(told.exitCode, exitCode, told.stdout + told.stderr);
      const named = `${two.name}: its log is younger than its membership`;
      t.true(
        (told.stdout + told.stderr).includes(named),
        `${command}: ${told.stdout}${told.stderr}`,
      );
      t.false(/--wipe|member remove/.test(told.stdout + told.stderr));
    }

    // The way out that is offered while all members answer, as it is typed.
    const next = (await provision('up', inventory, '--yes')).stderr;
    t.true(next.includes(`accept the log it has: rm ${RECORD} on ${two.name}, then: provision up`));
    await doInside(two, sh`rm ${RECORD}`);
    await cluster();
    t.is((await provision('status', inventory)).exitCode, 0);
    t.regex((await provision('doctor', inventory)).stdout, /nothing wrong found/);
    t.deepEqual(await agreedValue({ inventory, ...rest }, 'kept'), ['kept', 'kept', 'kept']);
  },
);

test.serial('neither a copy of the data nor a snapshot restored is taken for it', async (t) => {
  const { inventory } = await cluster();
  const [one] = lab.current.hosts;
  if (one === undefined) throw new Error('three hosts');
  await doInside(
    one,
    sh`systemctl stop etcd; cp -a /var/lib/etcd /var/lib/copy; rm -rf /var/lib/etcd; mv /var/lib/copy /var/lib/etcd; systemctl start etcd`,
  );
  t.regex((await provision('up', inventory, '--yes')).stdout, /nothing to do/);

  const saved = await provision('snapshot', 'save', inventory, '--json');
  const { path } = JSON.parse(saved.stdout);
  const words = ['restore', inventory, '--from', path, '--yes-restore', 'proof'];
  const done = await provision(...words);
  t.is(done.exitCode, 0, done.stdout + done.stderr);
  const up = await provision('up', inventory, '--yes');
  t.regex(up.stdout, /nothing to do/, up.stderr);
  t.is((await provision('status', inventory)).exitCode, 0);
  const purged = await provision('down', inventory, '--purge', '--yes-purge', 'proof');
  t.is(purged.exitCode, 0, purged.stderr);
  t.is(await said(one, `ls ${RECORD} 2>/dev/null`), '');
});
