import test, { type ExecutionContext } from 'ava';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import type { Outcome } from '../../../src/lab/local-command.ts';
import { sh } from '../../../src/shell/command.ts';
import { type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { hostAt, useLab } from '../lab/lab.ts';
import { startOperator } from '../lab/operator.ts';
import { doInside } from '../lab/sabotage.ts';
import { fill } from '../lab/snapshot-lab.ts';
import { contents } from '../observer/contents.ts';
import { oneAtATime } from '../observer/downtimes.ts';
import { nothingWrong } from '../observer/nothing-wrong.ts';
import { observe } from '../observer/observer.ts';
import { said } from '../observer/seen.ts';

// One cluster whose log has a disk of its own from the first start on, and goes from place to place later.
const lab = useLab({ count: 3 });

const DISK = '/srv/fast';
// A disk that can be taken away and comes back with what is on it.
const mounting = sh`mkdir -p ${DISK} /mnt/disk; mount --bind /mnt/disk ${DISK}`;
const IN_DATA = '/var/lib/etcd/member/wal';

const described = (wal: string | undefined, file = 'proof') =>
  describeCluster(lab.current, { file, etcd: wal === undefined ? {} : { paths: { wal } } });
const up = (cluster: Cluster, ...more: readonly string[]) =>
  lab.current.provision(['up', cluster.inventory, '--yes', ...more]);

/** Where on each host a log lies, that of the process first. */
const logs = () =>
  Promise.all(
    lab.current.hosts.map((one) =>
      said(
        one,
        `{ ls -l /proc/$(pidof etcd)/fd | sed -n 's|.* -> \\(/.*\\)/[^/]*[.]wal$|\\1|p' | sort -u; find /srv /var/lib/etcd -name '*.wal' ! -path '*aside-*' -printf '%h\\n' | sort -u; } | tr '\\n' ' '`,
      ),
    ),
  );
const onlyIn = (place: string) => lab.current.hosts.map(() => `${place} ${place}`);

function ok(t: ExecutionContext, { exitCode, stdout, stderr }: Outcome): void {
  t.is(exitCode, 0, stdout + stderr);
}

test.serial('up: a cluster with its log on a disk of its own', async (t) => {
  t.timeout(600_000);
  for (const one of lab.current.hosts) {
    await doInside(one, mounting);
  }
  const cluster = await described(DISK);
  ok(t, await up(cluster));
  t.deepEqual(await logs(), onlyIn(`${DISK}/wal`));
  t.is(await said(hostAt(lab.current, 0), `stat -c '%U %a' ${DISK}`), 'etcd 700');
  t.regex((await up(cluster)).stdout, /nothing to do/);
  await nothingWrong(t, () => lab.current.provision(['doctor', cluster.inventory]));
});

test.serial('restore: log and data change places together, and lie aside together', async (t) => {
  t.timeout(600_000);
  const cluster = await described(DISK);
  await fill(cluster, 'key', 50);
  const first = endpoints(cluster)[0];
  if (first === undefined) throw new TypeError('no endpoint');
  const truth = await contents(first);
  const saved = await lab.current.provision(['snapshot', 'save', cluster.inventory, '--json']);
  ok(t, saved);
  const snapshot = /"(?:file|path)": ?"([^"]+\.db)"/.exec(saved.stdout)?.[1] ?? '';
  ok(t, await lab.current.provision(['snapshot', 'drill', cluster.inventory]));
  await fill(cluster, 'later', 10);
  const { inventory } = cluster;
  const restore = ['restore', inventory, '--from', snapshot, '--yes', '--yes-restore', 'proof'];
  const run = await startOperator(restore);
  await run.says(/move what is in \/var\/lib\/etcd to .*; the same of the log in \/srv\/fast/);
  run.kill('SIGKILL');
  await run.ended;
  ok(t, await lab.current.provision([...restore, '--lock-wait', '60']));
  t.is((await contents(first)).hash, truth.hash);
  const left = await said(
    hostAt(lab.current, 0),
    `ls -d /var/lib/etcd.aside-*/member ${DISK}/aside-*/wal ${DISK}/wal ${DISK}/restoring 2>/dev/null`,
  );
  const times = [...left.matchAll(/aside-(\w+)\/(member|wal)/g)].map(([, time]) => time);
  t.is(times.length, 2, left);
  t.is(times[0], times[1], left);
  t.notRegex(left, /restoring/);
  await nothingWrong(t, () => lab.current.provision(['doctor', inventory]));
});

test.serial('up: no member starts with half of its data', async (t) => {
  t.timeout(600_000);
  const cluster = await described(DISK);
  const one = hostAt(lab.current, 1);
  const observer = observe(endpoints(cluster));
  const isRefused = async (why: RegExp) => {
    await inside(one, sh`systemctl start etcd`);
    t.is(await said(one, 'pidof etcd'), '');
    const refused = await up(cluster);
    t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
    t.regex(refused.stderr, why);
    t.regex(refused.stderr, /is a disk not mounted\?/);
    const doctor = await lab.current.provision(['doctor', cluster.inventory]);
    t.regex(doctor.stdout, why);
    t.is(await said(one, 'pidof etcd'), '');
    await inside(one, sh`systemctl stop etcd`);
  };
  await doInside(one, sh`systemctl stop etcd; umount ${DISK}`);
  await isRefused(/its write-ahead log is gone \(\/srv\/fast\/wal/);
  // The mount point as a first start of its own would find it.
  await doInside(one, sh`chown etcd: ${DISK}; chmod 700 ${DISK}`);
  await isRefused(/its write-ahead log is gone \(\/srv\/fast\/wal/);
  await doInside(one, sh`${mounting}; mv /var/lib/etcd /var/lib/kept`);
  await isRefused(/its write-ahead log is in \/srv\/fast\/wal/);
  await doInside(one, sh`mkdir -m 700 /var/lib/etcd; chown etcd: /var/lib/etcd`);
  await isRefused(/its write-ahead log is in \/srv\/fast\/wal/);
  await doInside(one, sh`rmdir /var/lib/etcd; mv /var/lib/kept /var/lib/etcd`);
  ok(t, await up(cluster));
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('up: a log goes to another directory member by member, and back', async (t) => {
  t.timeout(900_000);
  const [inData, elsewhere] = [await described(undefined, 'inData'), await described('/srv/other')];
  const since = Date.now();
  const observer = observe(endpoints(inData));
  // What only up does is left to it.
  const purge = await lab.current.provision(['down', inData.inventory, '--purge', '--yes']);
  t.is(purge.exitCode, 3, purge.stdout + purge.stderr);
  t.regex(purge.stderr, /keep their write-ahead log in \/srv\/fast\/wal; the inventory says/);
  const moved = await up(inData);
  ok(t, moved);
  t.regex(moved.stdout, /move its log from \/srv\/fast\/wal to \/var\/lib\/etcd\/member\/wal/);
  t.deepEqual(await logs(), onlyIn(IN_DATA));
  t.regex((await up(inData)).stdout, /nothing to do/);

  const killed = await startOperator(['up', elsewhere.inventory, '--yes']);
  await killed.says(/hand leadership .*\(\d/);
  killed.kill('SIGKILL');
  await killed.ended;
  ok(t, await up(elsewhere, '--lock-wait', '60'));
  t.deepEqual(await logs(), onlyIn('/srv/other/wal'));
  t.is(await said(hostAt(lab.current, 0), 'ls /var/lib/etcd/member'), 'snap');

  // The power went between the copy and the start.
  const half = hostAt(lab.current, 2);
  const note = '/var/lib/provision/etcd.log-move';
  await doInside(
    half,
    sh`systemctl stop etcd; mkdir ${DISK}/wal.part; printf 'from=%s\nto=%s\n' /srv/other/wal ${DISK}/wal > ${note}; sed -i s,/srv/other,${DISK}, /etc/etcd/etcd.conf /etc/systemd/system/etcd.service; systemctl daemon-reload`,
  );
  await inside(half, sh`systemctl start etcd`);
  t.is(await said(half, 'pidof etcd'), '');
  ok(t, await up(await described(DISK)));
  t.deepEqual(await logs(), onlyIn(`${DISK}/wal`));
  t.is(await said(half, `find ${note} /srv/other/* ${DISK}/wal.* 2>/dev/null`), '');
  await nothingWrong(t, () => lab.current.provision(['doctor', elsewhere.inventory]));
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
  await oneAtATime(t, lab.current.hosts, since, 9);
});

test.serial('up: a member that does not start with its log elsewhere gets it back', async (t) => {
  t.timeout(600_000);
  const { hosts } = lab.current;
  const closed = await described('/srv/closed/etcd');
  for (const one of hosts) await doInside(one, sh`mkdir -m 700 /srv/closed`);
  const observer = observe(endpoints(closed));
  const failed = await up(closed, '--timeout', '15');
  t.is(failed.exitCode, 1, failed.stdout + failed.stderr);
  t.regex(failed.stderr, /was put back as before, and all members answer/);
  t.deepEqual(await logs(), onlyIn(`${DISK}/wal`));
  t.regex((await up(await described(DISK))).stdout, /nothing to do/);
  const { failedWrites, lost } = await observer.stop();
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
});

test.serial('up: refuses a place for the log that cannot be one', async (t) => {
  t.timeout(600_000);
  const one: LabHost = hostAt(lab.current, 0);
  const before = await logs();
  const refuses = async (wal: string, code: number, why: RegExp) => {
    const refused = await up(await described(wal, 'wrong'));
    t.is(refused.exitCode, code, `${wal}: ${refused.stdout}${refused.stderr}`);
    t.regex(refused.stderr, why);
  };
  await refuses('/var/lib/etcd', 2, /is \/var\/lib\/etcd \(etcd\.paths\.data\)/);
  await refuses('/var/lib/etcd/log', 2, /lies in \/var\/lib\/etcd/);
  await refuses('/etc/etcd/log', 2, /lies in \/etc\/etcd/);
  for (const wrong of ['log', '/srv/../log', '/srv/my log', '/srv/log/']) {
    await refuses(wrong, 2, /absolute path/);
  }
  await refuses('/srv', 2, /absolute path/);
  await doInside(one, sh`mkdir -p /srv/full /srv/ro; echo mine > /srv/full/note`);
  await refuses('/srv/full', 3, /\/srv\/full is not a directory for .* and not empty: note/);
  await doInside(one, sh`mount --bind /srv/ro /srv/ro && mount -o remount,bind,ro /srv/ro`);
  await refuses('/srv/ro', 3, /\/srv\/ro\/wal cannot be written: its file system is read-only/);
  await doInside(
    one,
    sh`umount /srv/ro; mkdir -p /srv/taken/wal; cp ${DISK}/wal/0*.wal /srv/taken/wal/`,
  );
  await refuses(
    '/srv/taken',
    3,
    /the inventory says \/srv\/taken\/wal .* and another log is there/,
  );
  await doInside(one, sh`mount -t tmpfs -o size=100m none /srv/ro`);
  await refuses('/srv/ro', 3, /too little room for the log that is moved there/);
  await doInside(one, sh`umount /srv/ro`);
  t.deepEqual((await logs()).slice(1), before.slice(1));

  const second = await describeCluster(lab.current, {
    name: 'second',
    etcd: {
      unit: 'etcd-second',
      ports: { client: 3379, peer: 3380 },
      paths: { data: '/var/lib/second', conf: '/etc/second', wal: DISK },
    },
  });
  const collides = await up(second);
  t.is(collides.exitCode, 3, collides.stdout + collides.stderr);
  t.regex(collides.stderr, /\/srv\/fast belongs to .*etcd\.service/);
  t.regex(collides.stderr, /set etcd\.paths\.wal/);
});

test.serial('member replace and up --wipe: log and data go aside under one name', async (t) => {
  t.timeout(600_000);
  const cluster = await described('/srv/log');
  ok(t, await up(cluster));
  const two = hostAt(lab.current, 1);
  const asides = () =>
    said(two, `ls -d /var/lib/etcd.aside-* /srv/log.aside-* | sed 's|.*aside-||' | sort | uniq -c`);
  await doInside(two, sh`rm -rf /var/lib/etcd.aside-*; systemctl stop etcd; rm -rf /srv/log/wal`);
  ok(t, await lab.current.provision(['member', 'replace', cluster.inventory, two.name, '--yes']));
  t.regex(await asides(), /^ +2 \d+T\d+Z$/);
  await doInside(two, sh`rm -rf /var/lib/etcd.aside-* /srv/log.aside-*`);
  ok(t, await up(cluster, '--wipe', '--yes-wipe', 'proof'));
  t.regex(await asides(), /^ +2 \d+T\d+Z$/);
  t.deepEqual((await said(two, 'find /srv/log /var/lib/etcd -name wal')).split('\n'), [
    '/srv/log/wal',
  ]);
  ok(
    t,
    await lab.current.provision([
      'down',
      cluster.inventory,
      '--purge',
      '--yes',
      '--yes-purge',
      'proof',
    ]),
  );
  t.is(await said(two, 'ls -d /srv/log /var/lib/etcd 2>/dev/null'), '');
});
