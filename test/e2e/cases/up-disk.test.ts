import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { mountSmallDisk } from '../../../src/lab/faults.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, describeCluster, endpoints } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { lendAddress, THERE_FOR_NOW, vanishes } from '../lab/vanishing-address.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { observe } from '../observer/observer.ts';
import { said, unitRun } from '../observer/seen.ts';

const lab = useLab({ count: 3 });
const cluster = (settings: Readonly<Record<string, string | number>> = {}) =>
  describeCluster(lab.current, { etcd: { settings } });

function host(index: number) {
  const found = lab.current.hosts[index];
  if (found === undefined) throw new TypeError(`no host ${index}`);
  return found;
}

test.serial(
  'up: a disk without space for the programs is named, and nothing half is left on it',
  async (t) => {
    const { inventory } = await cluster();
    await mountSmallDisk(host(2), '/opt', 80);
    const full = await lab.current.provision(['up', inventory, '--yes', '--timeout', '20']);
    t.is(full.exitCode, 1, full.stdout + full.stderr);
    t.regex(
      full.stderr,
      new RegExp(
        `${host(2).name}: no space for etcd in /opt/etcd/3\\.5\\.30: it needs \\d+ MiB and 64 MiB left over, \\S+ on /opt has \\d+ MiB free`,
      ),
    );
    t.regex(
      full.stderr,
      new RegExp(`next: free some space on /opt of ${host(2).name}, then run it again`),
    );
    t.is(await said(host(2), 'find /opt -type f -o -type l'), '');

    await doInside(host(2), sh`umount /opt`);
    const again = await lab.current.provision(['up', inventory, '--yes']);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.deepEqual(await agreedValue(await cluster(), 'room'), ['room', 'room', 'room']);
  },
);

test.serial(
  'up: a data disk without space ends in its diagnosis, and the data comes back with the space',
  async (t) => {
    const { inventory } = await cluster();
    const [one] = lab.current.hosts.slice(2);
    if (one === undefined) return t.fail();
    // The file system of the data directory, filled to the last byte.
    await doInside(one, sh`systemctl stop etcd && mv /var/lib/etcd /var/lib/kept`);
    await mountSmallDisk(one, '/var/lib/etcd', 200);
    await doInside(
      one,
      sh`cp -a /var/lib/kept/. /var/lib/etcd/ && chown etcd:etcd /var/lib/etcd && chmod 700 /var/lib/etcd
rm -f /var/lib/etcd/member/wal/*.tmp; dd if=/dev/zero of=/var/lib/etcd/ballast bs=1M status=none || true; chown etcd /var/lib/etcd/ballast`,
    );
    // etcd would die at its start, at its first write or a while later: it is not started.
    const full = await lab.current.provision(['up', inventory, '--yes', '--timeout', '10']);
    t.is(full.exitCode, 3, full.stdout + full.stderr);
    t.regex(full.stderr, new RegExp(`${one.name}: the disk of the data directory is full`));
    const why = await lab.current.provision(['doctor', inventory]);
    t.regex(why.stdout, new RegExp(`${one.name}: the disk of the data directory is full`));
    const status = await lab.current.provision(['status', inventory]);
    t.regex(
      status.stdout,
      new RegExp(`^note: ${one.name}: the disk of the data directory is full`, 'm'),
    );
    await doInside(one, sh`rm /var/lib/etcd/ballast`);
    const again = await lab.current.provision(['up', inventory, '--yes']);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    t.deepEqual(await agreedValue(await cluster(), 'again'), ['again', 'again', 'again']);
    // Off the small disk again, with what was written there: older data must never come back.
    await doInside(
      one,
      sh`systemctl stop etcd && rm -rf /var/lib/kept && cp -a /var/lib/etcd /var/lib/kept && umount /var/lib/etcd && rmdir /var/lib/etcd && mv /var/lib/kept /var/lib/etcd && systemctl start etcd`,
    );
    // What was wrong a minute ago still stands in the journals.
    await nothingWrong(t, () => lab.current.provision(['doctor', inventory]));
  },
);

test.serial(
  'up --wipe empties a data directory that is a mount point, and keeps what was in it',
  async (t) => {
    const { inventory } = await cluster();
    const mounted = host(1);
    await doInside(mounted, sh`systemctl stop etcd && mv /var/lib/etcd /var/lib/kept`);
    await mountSmallDisk(mounted, '/var/lib/etcd', 400);
    await doInside(
      mounted,
      sh`mkdir -m 700 /var/lib/etcd/lost+found && cp -a /var/lib/kept/. /var/lib/etcd/`,
    );
    const sums = 'find . -type f -exec sha256sum {} + | sort';
    const before = await said(mounted, `cd /var/lib/etcd && ${sums}`);
    const wiped = await lab.current.provision(['up', inventory, '--wipe', '--yes-wipe', 'proof']);
    t.is(wiped.exitCode, 0, wiped.stdout + wiped.stderr);
    t.is(await said(mounted, `cd /var/lib/etcd/aside-*/ && ${sums}`), before);
    t.regex(await said(mounted, 'ls /var/lib/etcd'), /^aside-\d{8}T\d{6}Z\nlost\+found\nmember$/);
    const again = await lab.current.provision(['plan', inventory, '--exit-code']);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
  },
);

test.serial(
  'up: a setting etcd cannot start with costs one member, which is put back; no write fails',
  async (t) => {
    const good = await cluster();
    const up = await lab.current.provision(['up', good.inventory, '--yes']);
    t.is(up.exitCode, 0, up.stderr);
    const before = await Promise.all(lab.current.hosts.map((one) => unitRun(one)));
    const observer = observe(endpoints(good));
    await lendAddress(lab.current.hosts);
    const bad = await cluster(THERE_FOR_NOW);
    const hooks = join(dirname(bad.inventory), 'hooks');
    await mkdir(hooks);
    await writeFile(join(hooks, 'before-up'), await vanishes(lab.current.hosts), { mode: 0o755 });
    const failed = await lab.current.provision(['up', bad.inventory, '--yes', '--timeout', '10']);
    await rm(hooks, { recursive: true });
    const seen = await observer.stop();

    t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
    t.regex(failed.stderr, /: the host does not have the address of 192\.0\.2\.1:9999/);
    const name = /(\S+) was put back as before, and all members answer/.exec(failed.stderr)?.[1];
    const after = await Promise.all(lab.current.hosts.map((one) => unitRun(one)));
    const restarted = lab.current.hosts.filter((_, at) => before[at] !== after[at]);
    t.deepEqual(
      restarted.map((one) => one.name),
      [name],
    );
    const { lost, failedWrites, staleReads } = seen;
    t.deepEqual({ lost, failedWrites, staleReads }, { lost: [], failedWrites: [], staleReads: [] });
    t.true(seen.acknowledged > 100, `${seen.acknowledged} writes`);

    const back = await cluster();
    const plan = await lab.current.provision(['plan', back.inventory, '--exit-code']);
    t.is(plan.exitCode, 0, plan.stdout + plan.stderr);
  },
);

test.serial(
  'up: a member that stops answering after the plan was made stops the restart of the others',
  async (t) => {
    const { inventory } = await cluster({ 'heartbeat-interval': 150 });
    // The leader, whose turn comes last: a member that does not answer and comes first is restarted all the same.
    const { stdout } = await lab.current.provision(['status', inventory, '--json']);
    const { members }: { members: { isLeader: boolean }[] } = JSON.parse(stdout);
    const down = host(members.findIndex(({ isLeader }) => isLeader));
    const others = lab.current.hosts.filter(({ name }) => name !== down.name);
    const hooks = join(dirname(inventory), 'hooks');
    await mkdir(hooks);
    const stop = `#!/bin/sh\nssh -F ${lab.current.paths.sshConfig} ${down.name} systemctl stop etcd\n`;
    await writeFile(join(hooks, 'before-up'), stop, { mode: 0o755 });
    const before = await Promise.all(others.map((one) => unitRun(one)));
    const stopped = await lab.current.provision(['up', inventory, '--yes', '--timeout', '5']);
    await rm(hooks, { recursive: true });

    t.is(stopped.exitCode, 1, stopped.stdout + stopped.stderr);
    t.regex(
      stopped.stderr,
      new RegExp(`"restart \\S+" was not begun\n.*${down.name} does not answer`),
    );
    t.deepEqual(await Promise.all(others.map((one) => unitRun(one))), before);
    const next = await lab.current.provision(['up', inventory, '--yes']);
    t.is(next.exitCode, 0, next.stdout + next.stderr);
  },
);
