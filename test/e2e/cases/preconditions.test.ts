import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureEtcd, etcdPaths } from '../../../src/lab/etcd.ts';
import { mountSmallDisk } from '../../../src/lab/faults.ts';
import type { LabHost } from '../../../src/lab/host.ts';
import { run } from '../../../src/lab/local-command.ts';
import { sh } from '../../../src/shell/command.ts';
import { agreedValue, type Cluster, describeCluster, endpoints } from '../lab/cluster.ts';
import { useLab } from '../lab/lab.ts';
import { doInside } from '../lab/sabotage.ts';
import { observe } from '../observer/observer.ts';
import { said, unitRun } from '../observer/seen.ts';
import { afterPlan } from './after-plan.ts';
import { extent } from './extent.ts';

// One after the other on one lab, each from a cluster that runs as `standard()` describes it, and leaving such a one.
const lab = useLab({ count: 3 });
const INSTALLED = '/usr/local/etcd';
const DROP_IN = '/etc/systemd/system/etcd.service.d';
const SETTINGS = { 'max-request-bytes': 2_000_000 };
const CHANGED = { 'max-request-bytes': 3_000_000 };
let version = '3.5.16';

type Proof = readonly [title: string, prove: (t: ExecutionContext) => Promise<void>];

test.before('the versions a package manager brings', async (t) => {
  t.timeout(600_000);
  for (const brought of ['3.4.23', '3.5.16']) await ensureEtcd(brought, t.log);
});

/** The lab's cluster with programs that others install; one name, and so one PKI store, for all tests. */
function installed(
  wished: string,
  settings: Readonly<Record<string, string | number>> = {},
  etcd: Readonly<Record<string, unknown>> = {},
): Promise<Cluster> {
  return describeCluster(lab.current, {
    version: wished,
    etcd: { source: { installed: INSTALLED }, settings, ...etcd },
  });
}

const standard = () => installed(version, SETTINGS);

/** Puts programs there as a package manager does: new files, renamed over the old ones. */
async function install(brought: string, ...hosts: readonly LabHost[]): Promise<void> {
  const { programs } = etcdPaths(brought);
  for (const host of hosts) {
    await doInside(host, sh`mkdir -p ${INSTALLED}`);
    for (const name of await readdir(programs)) {
      const target = join(lab.current.paths.directory, 'hosts', host.name, 'root', INSTALLED, name);
      await run('cp', [join(programs, name), `${target}.new`]);
      await run('mv', [`${target}.new`, target]);
    }
  }
}

/** Whatever is refused: exit 3 with these texts, no process restarted, and no write failed meanwhile. */
async function refused(
  t: ExecutionContext,
  { inventory, ...cluster }: Cluster,
  texts: readonly string[],
  args: readonly string[] = ['up', inventory, '--yes'],
): Promise<void> {
  const before = await Promise.all(lab.current.hosts.map((host) => unitRun(host)));
  const observer = observe(endpoints(cluster));
  const planned = await lab.current.provision(['plan', inventory]);
  const ended = await lab.current.provision(args);
  const { failedWrites, lost } = await observer.stop();
  for (const one of args[0] === 'up' ? [planned, ended] : [ended]) {
    t.is(one.exitCode, 3, one.stdout + one.stderr);
    for (const text of texts) t.true(one.stderr.includes(text), `${text}\n${one.stderr}`);
    t.notRegex(one.stderr, /^\s+at /m);
  }
  t.deepEqual(await Promise.all(lab.current.hosts.map((host) => unitRun(host))), before);
  t.deepEqual({ failedWrites, lost }, { failedWrites: [], lost: [] });
}

async function up(t: ExecutionContext, { inventory }: Cluster, text = ''): Promise<void> {
  const ended = await lab.current.provision(['up', inventory, '--yes']);
  t.is(ended.exitCode, 0, ended.stdout + ended.stderr);
  t.true(ended.stdout.includes(text), `${text}\n${ended.stdout}`);
}

function three(): readonly [LabHost, LabHost, LabHost] {
  const [one, two, last] = lab.current.hosts;
  if (one === undefined || two === undefined || last === undefined) throw new Error('three hosts');
  return [one, two, last];
}

async function swapped(t: ExecutionContext): Promise<void> {
  const [one, two, last] = three();
  const wished = await installed('3.5.16', CHANGED);
  const says = (host: LabHost, file: string) =>
    `${host.name}: runs etcd 3.5.16, ${INSTALLED}/etcd is ${file}, and the inventory says 3.5.16`;

  await install('3.4.23', one, two, last);
  await refused(t, wished, [
    ...[one, two, last].map((host) => says(host, '3.4.23')),
    `next: put etcd 3.5.16 back into ${INSTALLED} on ${one.name}`,
  ]);
  await install('3.5.16', last);
  await install('3.5.30', one, two);
  await refused(t, wished, [
    says(one, '3.5.30'),
    says(two, '3.5.30'),
    'next: if 3.5.30 is meant, install it on all members and set etcd.version to 3.5.30',
  ]);
  await refused(t, await installed('3.5.30'), [
    `${last.name}: runs etcd 3.5.16, ${INSTALLED}/etcd is 3.5.16, and the inventory says 3.5.30`,
  ]);
  await install('3.5.16', one, two);
}

async function swappedMeanwhile(t: ExecutionContext): Promise<void> {
  const hosts = three();
  const wished = await installed('3.5.16', CHANGED);
  const before = await Promise.all(hosts.map((host) => unitRun(host)));
  const observer = observe(endpoints(wished));
  const ended = await afterPlan(lab.current, 'before-up', ['up', wished.inventory, '--yes'], () =>
    install('3.4.23', ...hosts),
  );
  t.deepEqual((await observer.stop()).failedWrites, []);
  t.is(ended.exitCode, 3, ended.stdout + ended.stderr);
  t.regex(
    ended.stderr,
    /\S+: \/usr\/local\/etcd\/etcd is etcd 3\.4\.23, and 3\.5\.16 is to be started; nothing was stopped for it\n {2}\S+ was put back as before, and all members answer/,
  );
  t.deepEqual(await Promise.all(hosts.map((host) => unitRun(host))), before);
  for (const host of hosts) t.is(await said(host, 'grep -c =3000000 /etc/etcd/etcd.conf'), '0');

  await install('3.5.30', ...hosts);
  const moved = observe(endpoints(wished));
  version = '3.5.30';
  await up(t, await standard(), '3 members of etcd 3.5.30 answer');
  t.deepEqual((await moved.stop()).failedWrites, []);
}

async function doesNotRun(t: ExecutionContext): Promise<void> {
  const [one, two, last] = three();
  const line = "/lib/libc.so.6: version `GLIBC_2.99' not found (required by etcd)";
  await doInside(
    two,
    sh`printf '#!/bin/sh\\necho "%s" >&2; exit 1\\n' ${line.replaceAll('`', '\\`')} > ${INSTALLED}/bad && chmod 755 ${INSTALLED}/bad && mv ${INSTALLED}/bad ${INSTALLED}/etcd`,
  );
  await refused(t, await standard(), [
    `${two.name}: ${INSTALLED}/etcd does not run there: ${line}`,
  ]);
  await install(version, two);

  // What is brought is run before it takes its place.
  await mountSmallDisk(last, '/opt', 400);
  await doInside(last, sh`mount -o remount,noexec /opt`);
  const before = await Promise.all([one, two, last].map((host) => unitRun(host)));
  const brought = await describeCluster(lab.current, {
    version,
    etcd: { settings: SETTINGS },
  });
  const ended = await lab.current.provision(['up', brought.inventory, '--yes']);
  t.is(ended.exitCode, 3, ended.stdout + ended.stderr);
  t.regex(
    ended.stderr,
    new RegExp(
      `${last.name}: /opt/etcd/${version.replaceAll('.', '\\.')}/etcd does not run there: .*; nothing was stopped for it`,
    ),
  );
  t.is(await said(last, 'find /opt -type f'), '');
  t.deepEqual(await Promise.all([one, two, last].map((host) => unitRun(host))), before);
  await doInside(last, sh`umount /opt`);
}

async function dropIn(t: ExecutionContext): Promise<void> {
  const [one, two] = three();
  const cluster = await standard();
  await doInside(
    one,
    sh`mkdir -p ${DROP_IN} && printf '[Service]\\nExecStart=\\nExecStart=%s --unsafe-no-fsync\\n' ${`${INSTALLED}/etcd`} > ${DROP_IN}/local.conf`,
  );
  await doInside(
    two,
    sh`mkdir -p ${DROP_IN} && printf '[Service]\\nMemoryMax=4G\\n' > ${DROP_IN}/memory.conf && systemctl daemon-reload`,
  );
  await refused(t, cluster, [
    `${one.name}: ${DROP_IN}/local.conf changes what it runs (ExecStart)`,
    `+ExecStart=${INSTALLED}/etcd --unsafe-no-fsync`,
    `next: move it away on ${one.name}: mv ${DROP_IN}/local.conf /root/ && systemctl daemon-reload`,
  ]);

  // It took effect before anybody looked; what is advised cures that, too.
  await doInside(
    one,
    sh`systemctl daemon-reload && systemctl restart etcd && mv ${DROP_IN}/local.conf /root/ && systemctl daemon-reload`,
  );
  const others = await Promise.all(lab.current.hosts.slice(1).map((host) => unitRun(host)));
  await up(t, cluster, `note: ${two.name}: ${DROP_IN}/memory.conf sets MemoryMax; it stays`);
  t.is(
    await said(
      one,
      "tr '\\0' ' ' < /proc/$(systemctl show etcd --property=MainPID --value)/cmdline",
    ),
    `${INSTALLED}/etcd `.trim(),
  );
  t.deepEqual(await Promise.all(lab.current.hosts.slice(1).map((host) => unitRun(host))), others);
}

async function environment(t: ExecutionContext): Promise<void> {
  const [, two] = three();
  const cluster = await standard();
  const file = '/etc/systemd/system.conf.d/fast.conf';
  await doInside(
    two,
    sh`mkdir -p /etc/systemd/system.conf.d && printf '[Manager]\\nDefaultEnvironment=ETCD_UNSAFE_NO_FSYNC=true\\n' > ${file}`,
  );
  const says = `${two.name}: systemd gives every service ETCD_UNSAFE_NO_FSYNC=true`;
  await refused(t, cluster, [
    `${says} (DefaultEnvironment in ${file})`,
    `next: take ETCD_UNSAFE_NO_FSYNC out of ${file}`,
  ]);
  await doInside(two, sh`systemctl daemon-reload && systemctl restart etcd`);
  await refused(t, cluster, [`${says} (DefaultEnvironment in ${file})`]);
  await doInside(two, sh`rm ${file} && systemctl daemon-reload`);
  await up(t, cluster, '1 restart');

  await doInside(two, sh`systemctl set-environment ETCD_UNSAFE_NO_FSYNC=true`);
  await refused(t, cluster, [`${says} (set by systemctl set-environment`]);
  await doInside(
    two,
    sh`systemctl unset-environment ETCD_UNSAFE_NO_FSYNC && systemctl daemon-reload`,
  );
  await up(t, cluster, 'nothing to do');
}

async function account(t: ExecutionContext): Promise<void> {
  const logging = { ...SETTINGS, 'log-outputs': '/var/log/etcd/etcd.log' };
  const cluster = await installed(version, logging, { user: 'etcd2' });
  const names = lab.current.hosts.map(({ name }) => name).join(', ');
  await refused(t, cluster, [`${names}: run with etcd.user etcd; the inventory says etcd2`]);
  for (const host of lab.current.hosts)
    t.is(await said(host, 'stat -c %U /var/lib/etcd; getent passwd etcd2'), 'etcd');
}

async function readOnlyDisk(t: ExecutionContext): Promise<void> {
  const [, two] = three();
  const cluster = await standard();
  const rotate = ['certs', 'rotate', cluster.inventory, '--yes'];
  const readOnly = sh`mount --bind /etc/etcd /etc/etcd && mount -o remount,bind,ro /etc/etcd`;
  await doInside(two, readOnly);
  await refused(
    t,
    cluster,
    [`${two.name}: /etc/etcd cannot be written: its file system is read-only`],
    rotate,
  );
  await doInside(two, sh`umount /etc/etcd`);

  const target = await said(two, 'readlink /etc/etcd/pki');
  const ended = await afterPlan(lab.current, 'before-certs-rotate', rotate, () =>
    doInside(two, readOnly),
  );
  t.is(ended.exitCode, 1, ended.stdout + ended.stderr);
  t.regex(
    ended.stderr,
    new RegExp(
      `${two.name}: could not install certificates[^]*Read-only file system[^]*\\n  nothing was changed on ${two.name}`,
    ),
  );
  t.is(await said(two, 'readlink /etc/etcd/pki'), target);
  await doInside(two, sh`umount /etc/etcd`);
  const again = await lab.current.provision(rotate);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
}

async function fullDisk(t: ExecutionContext): Promise<void> {
  const [, , last] = three();
  await doInside(last, sh`systemctl stop etcd && mv /var/lib/etcd /var/lib/kept`);
  await mountSmallDisk(last, '/var/lib/etcd', 300);
  await doInside(
    last,
    sh`cp -a /var/lib/kept/. /var/lib/etcd/ && chown etcd:etcd /var/lib/etcd && chmod 700 /var/lib/etcd && systemctl start etcd
dd if=/dev/zero of=/var/lib/etcd/ballast bs=1M status=none || true; chown etcd /var/lib/etcd/ballast`,
  );
  await refusedWhileFull(t, last);
  await doInside(last, sh`rm -f /var/lib/etcd/ballast; systemctl restart etcd`);
  const cluster = await installed(version, { ...SETTINGS, 'max-txn-ops': 256 });
  await up(t, cluster, '3 restarts');
  t.deepEqual(await agreedValue(cluster, 'room'), ['room', 'room', 'room']);
}

/** The member itself may die of its full disk meanwhile; the others must not be touched. */
async function refusedWhileFull(t: ExecutionContext, full: LabHost): Promise<void> {
  const others = lab.current.hosts.filter((host) => host !== full);
  const before = await Promise.all(others.map((host) => unitRun(host)));
  const { inventory } = await installed(version, { ...SETTINGS, 'max-txn-ops': 256 });
  const ended = await lab.current.provision(['up', inventory, '--yes']);
  t.is(ended.exitCode, 3, ended.stdout + ended.stderr);
  t.true(
    ended.stderr.includes(`${full.name}: the disk of the data directory is full: `),
    ended.stderr,
  );
  t.deepEqual(await Promise.all(others.map((host) => unitRun(host))), before);
}

async function masked(t: ExecutionContext): Promise<void> {
  const [, , last] = three();
  const cluster = await standard();
  await doInside(
    last,
    sh`systemctl disable --now --quiet etcd; mv /etc/systemd/system/etcd.service /root/ && systemctl mask etcd`,
  );
  const ended = await lab.current.provision(['up', cluster.inventory, '--yes']);
  t.is(ended.exitCode, 3, ended.stdout + ended.stderr);
  t.true(ended.stderr.includes(`${last.name}: etcd.service is masked`), ended.stderr);
  t.is(await said(last, 'systemctl show etcd --property=LoadState --value'), 'masked');
  await doInside(last, sh`systemctl unmask etcd.service`);
  await up(t, cluster);
}

/** Keys for tokens as openssl makes them, in a directory of every host. */
async function putTokenKeys(directory: string): Promise<void> {
  const make = [
    ...['openssl genrsa -out rsa.key 2048', 'openssl pkey -in rsa.key -pubout -out rsa.pub'],
    ...['openssl genrsa 2048 | openssl pkey -pubout -out other.pub'],
    ...['openssl ecparam -name prime256v1 -genkey -noout -out ec.key', 'cp rsa.key shut.key'],
  ];
  const here = await mkdtemp(join(tmpdir(), 'provision-token-keys-'));
  await run('sh', ['-ec', `cd ${here}; ${make.join('; ')}`]);
  for (const host of lab.current.hosts) {
    const root = join(lab.current.paths.directory, 'hosts', host.name, 'root');
    await run('cp', ['-r', here, join(root, directory)]);
    await doInside(
      host,
      sh`chown -R etcd: ${directory} && chmod 700 ${directory} && chown root: ${directory}/shut.key`,
    );
  }
  await rm(here, { recursive: true });
}

async function tokenKeys(t: ExecutionContext): Promise<void> {
  const { name } = three()[0];
  await putTokenKeys('/etc/etcd-jwt');
  const using = (pub: string, priv: string) =>
    installed(version, {
      ...SETTINGS,
      'auth-token': `jwt,pub-key=/etc/etcd-jwt/${pub},priv-key=/etc/etcd-jwt/${priv},sign-method=RS256`,
    });
  const says = (half: string, file: string, why: string) =>
    `${name}: the ${half} key /etc/etcd-jwt/${file} (etcd.settings.auth-token) ${why}`;
  for (const [pub, priv, text] of [
    ['none.pub', 'rsa.key', says('public', 'none.pub', 'does not exist')],
    [
      ...['rsa.pub', 'shut.key'],
      says('private', 'shut.key', 'cannot be read by etcd: it belongs to root:root 600'),
    ],
    [
      ...['rsa.pub', 'ec.key'],
      says('private', 'ec.key', 'is for ECDSA on P-256, and sign-method RS256 needs RSA'),
    ],
    [
      ...['other.pub', 'rsa.key'],
      `${name}: the public key /etc/etcd-jwt/other.pub does not belong to the private key /etc/etcd-jwt/rsa.key`,
    ],
  ] as const)
    await refused(t, await using(pub, priv), [text]);
  await up(t, await using('rsa.pub', 'rsa.key'), '3 restarts');
  await up(t, await standard(), '3 restarts');
}

const METRICS = 'etcd.settings.listen-metrics-urls';
const LOG = '/var/log/etcd-own/etcd.log';

async function startPlaces(t: ExecutionContext): Promise<void> {
  const [, second] = three();
  const { name, address } = second;
  const serving = (at: string) =>
    installed(version, { ...SETTINGS, 'listen-metrics-urls': `http://${at}:2381` });
  const holder = (at: string) =>
    sh`systemd-run --quiet --unit=holder systemd-socket-activate --listen=${`${at}:2381`} /bin/cat; until ss -Hltn | grep -q :2381; do sleep 0.1; done`;
  // Of one host alone: a change from member to member would be half done when it is found.
  await refused(t, await serving(address), [
    `${three()[0].name}: does not have the address ${address} (${METRICS}), so etcd would not start`,
  ]);
  await doInside(second, sh`ip address add 192.0.2.1/32 dev lo`);
  await doInside(second, holder('0.0.0.0'));
  await refused(t, await serving('127.0.0.1'), [`${name}: port 2381 (${METRICS}) is taken by`]);
  await doInside(second, sh`systemctl stop holder`);
  await doInside(second, holder('192.0.2.1'));
  await doInside(second, sh`install -d -o etcd -g etcd ${dirname(LOG)}`);
  await doInside(second, sh`echo old > ${LOG} && chmod 640 ${LOG}`);
  const logging = await installed(version, {
    ...SETTINGS,
    ...{ 'listen-metrics-urls': 'http://127.0.0.1:2381', 'log-outputs': LOG },
  });
  await refused(t, logging, [
    `${name}: etcd could not log to ${LOG} (etcd.settings.log-outputs) and would not start: it belongs to root:root 640, and etcd runs as etcd`,
    `if it is a log of etcd, on ${name}: chown etcd: ${LOG} && chmod u+rw ${LOG}; or`,
  ]);
  await doInside(second, sh`chown etcd: ${LOG} && chmod u+rw ${LOG}`);
  await up(t, logging, '3 restarts');
  t.is(await said(second, `head -n 1 ${LOG}`), 'old');
  t.regex(await said(second, `tail -n 1 ${LOG}`), /^\{"level":/);
  t.regex(await said(second, 'ss -Hltnp src 127.0.0.1:2381'), /"etcd"/);
  await doInside(second, sh`systemctl stop holder; ip address del 192.0.2.1/32 dev lo`);
  await up(t, await standard(), '3 restarts');
}

const PROOFS: readonly Proof[] = [
  [
    'up: a port, an address or a log file that etcd would end at is refused before the first restart',
    startPlaces,
  ],
  ['up: keys of tokens are looked at on every host before the first restart', tokenKeys],
  ['up: files that a package manager swapped start nobody, and are named', swapped],
  ['up: a file that is swapped while it works stops it before that host', swappedMeanwhile],
  ['up: a program that does not run on a host stops nobody', doesNotRun],
  ['up: a drop-in that changes etcd is refused with what it says, and cured without it', dropIn],
  ['up: variables that systemd gives every service are refused, not restarted for', environment],
  [
    'certs rotate: a disk that takes nothing is asked for before, and afterwards nothing is claimed',
    readOnlyDisk,
  ],
  ['up: a full data disk is asked for before the first restart', fullDisk],
  ['up: a masked unit stays down', masked],
];

test.serial('the cluster that all begin with', async (t) => {
  await install(version, ...lab.current.hosts);
  await up(t, await standard());
});
test.serial('up: another account for a cluster that logs to files is refused with both', account);
for (const [title, prove] of extent(PROOFS, 2)) test.serial(title, prove);
