import test, { type ExecutionContext } from 'ava';
import { cutPower, restorePower } from '../../../src/lab/faults.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { sh } from '../../../src/shell/command.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { doInside } from '../lab/sabotage.ts';
import { fill } from '../lab/snapshot-lab.ts';
import { contents } from '../observer/contents.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { type Observer, observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

// One cluster whose data goes from place to place while others write to it.
const lab = useLab({ count: 3 });

const FIRST = '/var/lib/etcd';
const DISK = '/srv/data';
// A mount point of its own: to it and from it data is copied. What is on it outlives the power.
const mounting = sh`mkdir -p ${DISK} /mnt/disk; mount --bind /mnt/disk ${DISK}`;

const described = (data: string, wal?: string, file = 'proof') =>
  describeCluster(lab.current, {
    file,
    etcd: { paths: { data, ...(wal !== undefined && { wal }) } },
  });
const up = (cluster: Cluster, ...more: readonly string[]) =>
  lab.current.provision(['up', cluster.inventory, '--yes', ...more]);

/** Where on each host data lies, that of the process first, and what moves leave. */
const places = () =>
  Promise.all(
    lab.current.hosts.map((one) =>
      said(
        one,
        `{ ls -l /proc/$(pidof etcd)/fd | sed -n 's|.* -> \\(/.*\\)/snap/db$|\\1|p' | sort -u; find /srv ${FIRST} ${FIRST}2 /var/lib/provision \\( -name 'member*' -o -name '*-move' \\) ! -path '*aside-*' 2>/dev/null | sort -u; } | tr '\\n' ' '`,
      ),
    ),
  );
const onlyIn = (place: string) => lab.current.hosts.map(() => `${place}/member ${place}/member`);

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, stdout + stderr);
}

async function nothingLost(t: ExecutionContext, observer: Observer): Promise<void> {
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
}

test.serial('up: data goes to a disk of its own member by member', async (t) => {
  t.timeout(900_000);
  const [was, is] = [await described(FIRST, undefined, 'was'), await described(DISK)];
  ok(t, await up(was));
  await fill(was, 'key', 200);
  for (const one of lab.current.hosts) await doInside(one, mounting);
  const observer = observe(endpoints(was));
  // What only up does is left to it, with the command.
  for (const command of [
    ['down', is.inventory, '--purge', '--yes'],
    ['maintain', 'defrag', is.inventory, '--yes'],
    ['certs', 'rotate', is.inventory, '--yes'],
    [
      'restore',
      is.inventory,
      '--from-member',
      hostAt(lab.current, 0).name,
      '--yes-restore',
      'proof',
    ],
  ]) {
    const refused = await lab.current.provision(command);
    t.is(refused.exitCode, 3, command.join(' ') + refused.stdout + refused.stderr);
    t.regex(refused.stderr, /keep their data in \/var\/lib\/etcd; the inventory says \/srv\/data/);
    t.regex(refused.stderr, /have it moved first, .*provision up /);
  }
  ok(t, await lab.current.provision(['snapshot', 'save', is.inventory]));
  ok(t, await lab.current.provision(['status', is.inventory]));
  const planned = await lab.current.provision(['plan', is.inventory]);
  t.regex(
    planned.stdout,
    /stop etcd.service, move its data from \/var\/lib\/etcd to \/srv\/data, start it/,
  );
  ok(t, await up(is));
  t.deepEqual(await places(), onlyIn(DISK));
  t.regex((await up(is)).stdout, /nothing to do/);
  await nothingWrong(t, () => lab.current.provision(['doctor', is.inventory]));
  ok(t, await lab.current.provision(['snapshot', 'save', is.inventory]));
  await nothingLost(t, observer);
});

test.serial('up: a move that is killed at any time is finished by the next one', async (t) => {
  t.timeout(900_000);
  const cluster = await described(`${FIRST}2`);
  const observer = observe(endpoints(cluster));
  const killed = await startOperator(['up', cluster.inventory, '--yes']);
  await killed.says(/hand leadership .*\(\d/);
  killed.kill('SIGKILL');
  await killed.ended;
  // Whether its member was stopped already or not, nothing but that is wrong.
  const halfWay = await lab.current.provision(['status', cluster.inventory]);
  t.true([0, 1].includes(halfWay.exitCode ?? -1), halfWay.stdout + halfWay.stderr);
  if (halfWay.exitCode === 1) t.regex(halfWay.stderr, /error: proof: 1 of 3 members do not answer/);
  ok(t, await up(cluster, '--lock-wait', '60'));
  t.deepEqual(await places(), onlyIn(`${FIRST}2`));

  // The power went before the copy was whole, and behind the new files.
  const half = hostAt(lab.current, 2);
  const note = '/var/lib/provision/etcd.data-move';
  await doInside(
    half,
    sh`systemctl stop etcd; mkdir -p ${DISK}/member.part/wal; printf '# provision: cluster proof, member %s\nfrom=%s\nto=%s\n' ${half.name} ${FIRST}2/member ${DISK}/member > ${note}; sed -i s,${FIRST}2,${DISK},g /etc/etcd/etcd.conf /etc/systemd/system/etcd.service; systemctl daemon-reload`,
  );
  await inside(half, sh`systemctl start etcd`);
  t.is(await said(half, 'pidof etcd'), '');
  const disk = await described(DISK, undefined, 'disk');
  const doctor = await lab.current.provision(['doctor', disk.inventory]);
  t.regex(
    doctor.stdout,
    /was to move its data from \/var\/lib\/etcd2 to \/srv\/data was cut off; its data is in \/var\/lib\/etcd2/,
  );
  t.regex(doctor.stdout, /up goes on from there: provision up /);
  ok(t, await up(disk));
  t.is(await said(half, `ls -d ${note} ${DISK}/member.* ${FIRST}2/* 2>/dev/null`), '');
  await nothingLost(t, observer);
});

test.serial('up: a host that dies while its data moves comes back with it', async (t) => {
  t.timeout(900_000);
  const cluster = await described(FIRST);
  const observer = observe(endpoints(cluster));
  const run = await startOperator(['up', cluster.inventory, '--yes']);
  await run.says(/hand leadership .*\(\d/);
  const moving = /(\S+): +.*hand leadership .*\(\d/.exec(run.said())?.[1];
  const one = lab.current.hosts.find(({ name }) => name === moving) ?? hostAt(lab.current, 1);
  await cutPower(one);
  await run.ended;
  await restorePower(one);
  await doInside(one, mounting);
  ok(t, await up(cluster, '--lock-wait', '60'));
  t.deepEqual(await places(), onlyIn(FIRST));
  await nothingLost(t, observer);
});

test.serial('up: a member that does not start with its data elsewhere gets it back', async (t) => {
  t.timeout(600_000);
  const closed = await described('/srv/closed/etcd');
  for (const one of lab.current.hosts)
    await doInside(one, sh`mkdir -m 700 /srv/closed; umount ${DISK}`);
  const observer = observe(endpoints(closed));
  const failed = await up(closed, '--timeout', '15');
  t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
  t.regex(failed.stderr, /was put back as before, and all members answer/);
  t.deepEqual(await places(), onlyIn(FIRST));
  t.regex((await up(await described(FIRST))).stdout, /nothing to do/);
  await nothingLost(t, observer);
});

test.serial('up: refuses a place for data that cannot be one', async (t) => {
  t.timeout(600_000);
  const one: LabHost = hostAt(lab.current, 0);
  const before = await places();
  const refuses = async (data: string, why: RegExp) => {
    const refused = await up(await described(data, undefined, 'wrong'));
    t.is(refused.exitCode, 3, `${data}: ${refused.stdout}${refused.stderr}`);
    t.regex(refused.stderr, why);
  };
  await doInside(
    one,
    sh`mkdir -p /srv/full /srv/taken/member /srv/small; echo mine > /srv/full/note; ln -s ${FIRST} /srv/link`,
  );
  await refuses('/srv/full', /\/srv\/full is not a data directory of etcd, and not empty: note/);
  await refuses('/srv/taken', /the inventory says \/srv\/taken .* and other data is there/);
  await refuses('/srv/link', /which leads to the same directory/);
  await refuses(`${FIRST}/data`, /and one lies in the other/);
  await doInside(one, sh`mount -t tmpfs -o size=100m none /srv/small`);
  await refuses('/srv/small', /too little room for the data that is moved there/);
  await refuses('/srv/small', /\/srv\/small is in memory \(tmpfs\): a reboot would end the data/);
  await doInside(one, sh`umount /srv/small; rm -r /srv/taken /srv/link`);
  t.deepEqual((await places()).slice(1), before.slice(1));
  t.deepEqual(await places(), onlyIn(FIRST));
});

test.serial(
  'up: data and log move in one run, beside a member that is away, and stopped',
  async (t) => {
    t.timeout(900_000);
    const cluster = await described('/srv/etcd', '/srv/log');
    const one = hostAt(lab.current, 1);
    const observer = observe(endpoints(cluster));
    await doInside(one, sh`systemctl stop etcd`);
    await cutPower(one);
    // Of three no second one may stop meanwhile: that is left.
    const without = await up(cluster, '--without', one.name);
    t.is(without.exitCode, 6, without.stdout + without.stderr);
    await restorePower(one);
    ok(t, await up(cluster));
    const logs = () =>
      Promise.all(
        lab.current.hosts.map((host) =>
          said(host, `find /srv ${FIRST} -name '*.wal' -printf '%h\\n' | sort -u`),
        ),
      );
    t.deepEqual(
      await logs(),
      lab.current.hosts.map(() => '/srv/log/wal'),
    );
    t.deepEqual(await places(), onlyIn('/srv/etcd'));
    await nothingWrong(t, () => lab.current.provision(['doctor', cluster.inventory]));
    await nothingLost(t, observer);

    const first = endpoints(cluster)[0];
    if (first === undefined) throw new TypeError('no endpoint');
    const truth = await contents(first);
    ok(t, await lab.current.provision(['down', cluster.inventory, '--yes']));
    const back = await described(FIRST);
    ok(t, await up(back));
    t.deepEqual(await places(), onlyIn(FIRST));
    t.deepEqual(
      await logs(),
      lab.current.hosts.map(() => `${FIRST}/member/wal`),
    );
    t.is((await contents(first)).hash, truth.hash);
    t.regex((await up(back)).stdout, /nothing to do/);
  },
);

test.serial('up: of a copy and its original, the one that was used since counts', async (t) => {
  t.timeout(600_000);
  const copied = '/srv/copied';
  const cluster = await described(copied);
  const observer = observe(endpoints(cluster));
  const one = hostAt(lab.current, 2);
  // The power went between the two names of a copy, behind the new files; the host started the member with it.
  await doInside(
    one,
    sh`systemctl stop etcd; mkdir -p ${copied}; chown etcd: ${copied}; chmod 700 ${copied}; cp -a ${FIRST}/member ${copied}/; printf '# provision: cluster proof, member %s\nfrom=%s\nto=%s\n' ${one.name} ${FIRST}/member ${copied}/member > /var/lib/provision/etcd.data-move; sed -i s,${FIRST},${copied},g /etc/etcd/etcd.conf /etc/systemd/system/etcd.service; systemctl daemon-reload; systemctl start etcd`,
  );
  await doInside(one, sh`systemctl stop etcd`);
  const doctor = await lab.current.provision(['doctor', cluster.inventory]);
  t.notRegex(doctor.stdout, /its data is in \/var\/lib\/etcd/);
  ok(t, await up(cluster));
  t.deepEqual(await places(), onlyIn(copied));
  await nothingWrong(t, () => lab.current.provision(['doctor', cluster.inventory]));
  await nothingLost(t, observer);
});
