import test from 'ava';
import type { CheckedHost } from '../../src/check/checked-host.ts';
import { dataDisk, diskWrites, programDisk } from '../../src/check/disk-checks.ts';
import {
  architecture,
  kernel,
  leftovers,
  openFiles,
  openssl,
  proxies,
  swap,
  systemd,
  variables,
} from '../../src/check/machine-checks.ts';
import { firewall, names, peers, ports, roundTrips } from '../../src/check/network-checks.ts';
import { clock, synchronization } from '../../src/check/time-checks.ts';
import type { HostCheck } from '../../src/check/verdict.ts';
import { nextText } from '../../src/problem/render.ts';
import { wanted } from '../plan/facts.ts';
import { around, checked, SURROUNDINGS } from './checked-host.ts';

const judges = test.macro<[HostCheck<CheckedHost>, CheckedHost, string]>(
  (t, { judge }, subject, expected) => {
    const said = judge(subject);
    const { severity, sentence } = said;
    const next = said.severity === 'pass' ? [] : [nextText(said.next)];
    t.is([severity, sentence, ...next].join(' | '), expected);
  },
);

const { data, programs } = SURROUNDINGS;
const { facts } = checked();
const GIB = 1024 ** 3;

test(
  'systemd passes',
  judges,
  systemd,
  checked(),
  'pass | systemd 252 on Debian GNU/Linux 12 (bookworm)',
);
test(
  'systemd fails before 235',
  judges,
  systemd,
  checked({
    facts: { ...facts, machine: { ...facts.machine, systemd: 219, os: 'CentOS Linux 7' } },
  }),
  'fail | systemd 219 on CentOS Linux 7; the unit needs 235 | upgrade the operating system',
);
test('architecture passes', judges, architecture, checked(), 'pass | amd64');
test(
  'architecture fails where the programs are for another',
  judges,
  architecture,
  checked({ facts: { ...facts, machine: { ...facts.machine, architecture: 'aarch64' } } }),
  `fail | arm64, but ${checked().binaries[0]?.path} is made for amd64 | give etcd.source programs for arm64`,
);
test('openssl passes where it makes keys', judges, openssl, checked(), 'pass | makes keys');
test(
  'openssl fails where a host cannot make its keys',
  judges,
  openssl,
  checked({
    facts: { ...facts, keys: { ...facts.keys, complaint: 'it is not installed' } },
  }),
  'fail | it is not installed, and this host is to make its keys (pki.keys: host) | install or repair openssl there, or have keys made here: pki.keys: store',
);
test(
  'kernel passes',
  judges,
  kernel,
  around({ kernel: '4.19.0-20-amd64' }),
  'pass | 4.19.0-20-amd64',
);
test(
  'kernel warns before 4.19',
  judges,
  kernel,
  around({ kernel: '3.10.0-1160.el7.x86_64' }),
  'warn | 3.10.0-1160.el7.x86_64; large clusters were unstable on 3.10, and before 4.19 nf_conntrack has another name | install kernel 4.19 or later and boot it, one host at a time',
);
test('open files passes', judges, openFiles, checked(), 'pass | 1048576 for a process');
test(
  'open files fails under the limit of the unit',
  judges,
  openFiles,
  around({ files: { perProcess: 4096, open: 1, most: 100 } }),
  "fail | fs.nr_open is 4096, under the unit's LimitNOFILE=65536 | sysctl -w fs.nr_open=1048576, and the same in /etc/sysctl.d",
);
test(
  'open files warns when the host runs out of them',
  judges,
  openFiles,
  around({ files: { perProcess: 1_048_576, open: 95, most: 100 } }),
  'warn | 95 of 100 files are open on this host | find out who opens them (lsof), or raise fs.file-max',
);
test('swap passes', judges, swap, checked(), 'pass | off');
test(
  'swap warns',
  judges,
  swap,
  around({ swap: ['/dev/sda2', '/swapfile'] }),
  'warn | on (/dev/sda2, /swapfile): an etcd that is swapped out misses heartbeats | swapoff -a, and take it out of /etc/fstab',
);
test('ETCD_ variables pass', judges, variables, checked(), 'pass | none');
test(
  'ETCD_ variables warn',
  judges,
  variables,
  around({ variables: ['systemd: ETCD_UNSAFE_NO_FSYNC'] }),
  'warn | set outside etcd.conf: systemd: ETCD_UNSAFE_NO_FSYNC | take them out: they would become settings of etcd that the inventory does not know',
);
test(
  'ETCD_ variables warn of drop-ins',
  judges,
  variables,
  around({ dropIns: ['/etc/systemd/system/etcd.service.d/x.conf'] }),
  'warn | the unit has drop-ins: /etc/systemd/system/etcd.service.d/x.conf | see whether they still fit: systemctl cat shows all of it',
);
test('proxies pass', judges, proxies, checked(), 'pass | none in the environment of etcd');
test(
  'proxies warn',
  judges,
  proxies,
  around({ proxies: ['HTTPS_PROXY'] }),
  'warn | etcd runs with HTTPS_PROXY: its peer traffic goes through that proxy | its unit takes proxies out of the environment: provision up INVENTORY',
);
test(
  'leftovers pass with our own etcd',
  judges,
  leftovers,
  around({ processes: [{ pid: facts.unit.pid, group: '/system.slice/etcd.service' }] }),
  'pass | no other etcd',
);
test(
  'leftovers warn of every other etcd',
  judges,
  leftovers,
  around({
    processes: [{ pid: 7, group: '/kubepods/x' }],
    units: ['etcd.service', 'etcd-member.service'],
    manifests: ['/etc/kubernetes/manifests/etcd.yaml'],
  }),
  'warn | another etcd runs (pid 7, /kubepods/x); etcd-member.service is enabled, too; /etc/kubernetes/manifests/etcd.yaml makes the kubelet run an etcd | end and disable it if it is not meant to be, or let it have its own ports and directories',
);

test('clock passes', judges, clock, checked(), "pass | within 0.01 s of this machine's");
test(
  'clock warns of seconds',
  judges,
  clock,
  checked({ clock: { ahead: 45, doubt: 0.1 } }),
  "warn | 45.0 s ahead of this machine's | set it: timedatectl set-ntp true, or chronyc makestep",
);
test(
  'clock lets pass what the question itself may have cost',
  judges,
  clock,
  checked({ clock: { ahead: -5.5, doubt: 5 } }),
  "pass | within 10.50 s of this machine's",
);
test(
  'clock fails where certificates are not valid yet',
  judges,
  clock,
  checked({ clock: { ahead: -50 * 365 * 86_400, doubt: 0.1 } }),
  "fail | 18250 days behind this machine's: certificates are not valid there yet, members would refuse each other | set it: timedatectl set-ntp true, or chronyc makestep",
);
test(
  'clock fails where certificates have expired',
  judges,
  clock,
  checked({ clock: { ahead: 50 * 365 * 86_400, doubt: 0.1 } }),
  "fail | 18250 days ahead of this machine's: certificates have expired there | set it: timedatectl set-ntp true, or chronyc makestep; or renew them: provision up INVENTORY",
);
test(
  'clock only warns of the same without certificates',
  judges,
  clock,
  checked({ clock: { ahead: -7200, doubt: 0.1 }, certificates: undefined }),
  "warn | 2 h behind this machine's | set it: timedatectl set-ntp true, or chronyc makestep",
);
test('time synchronization passes', judges, synchronization, checked(), 'pass | on');
test(
  'time synchronization warns',
  judges,
  synchronization,
  around({ isSynchronized: false }),
  'warn | systemd knows of none: clocks drift apart, until certificates look invalid | install chrony or systemd-timesyncd, and enable it',
);

test('ports are ours', judges, ports, checked(), 'pass | 2379, 2380: ours');
test(
  'ports are free',
  judges,
  ports,
  checked({ facts: { ...facts, listeners: [], unit: { ...facts.unit, pid: 0 } } }),
  'pass | free',
);
test(
  'ports are taken',
  judges,
  ports,
  checked({ facts: { ...facts, listeners: [{ port: 2380, process: 'nginx', pid: 9 }] } }),
  'fail | 2380 is taken by nginx (pid 9), which is not etcd.service | stop nginx, or choose other etcd.ports',
);
test('peer ports pass', judges, peers, checked(), 'pass | reaches every other');
test(
  'peer ports pass where there is one member',
  judges,
  peers,
  checked({ dials: [] }),
  'pass | no other member',
);
const [near, far] = checked().dials;
if (near === undefined || far === undefined) throw new TypeError('two dials');
test(
  'peer ports fail with how',
  judges,
  peers,
  checked({
    dials: [near, { ...far, outcome: 'no answer', complaint: 'no answer within 4 s' }],
    surroundings: { ...SURROUNDINGS, firewalls: ['firewalld'] },
  }),
  'fail | does not reach etcd03 at 198.18.0.13:2380 (no answer within 4 s) | open the port in every firewall between, both ways; here firewalld is active',
);
test(
  'peer ports fail where somebody else answers',
  judges,
  peers,
  checked({ dials: [near, { ...far, isRight: false }] }),
  'fail | somebody else than etcd03 answers at 198.18.0.13:2380 | look for an address used twice, a proxy or a wrong forwarding',
);
test('round trips pass', judges, roundTrips, checked(), 'pass | 1.25 ms at most, heartbeat 100 ms');
test(
  'round trips pass unmeasured',
  judges,
  roundTrips,
  checked({ dials: [{ ...near, milliseconds: undefined }] }),
  'pass | not measured',
);
test(
  'round trips warn when longer than the heartbeat',
  judges,
  roundTrips,
  checked(
    { dials: [{ ...near, milliseconds: 99 }, far] },
    wanted(3, { etcd: { version: '3.5.30', settings: { 'heartbeat-interval': 50 } } }),
  ),
  'warn | 99 ms at most, longer than the heartbeat of 50 ms | raise heartbeat-interval in etcd.settings to 119',
);
test(
  'round trips fail when an election is under ten of them',
  judges,
  roundTrips,
  checked({ dials: [{ ...near, milliseconds: 180 }, far] }),
  'fail | 180 ms at most, and an election after 1000 ms: members would vote all the time | set etcd.settings: {heartbeat-interval: 216, election-timeout: 2160} on all members',
);
test(
  'names pass where only addresses are used',
  judges,
  names,
  checked(),
  'pass | only addresses are used',
);
const known = new Map([['etcd02.example', ['198.18.0.12']]]);
test(
  'names pass where all hosts agree',
  judges,
  names,
  checked({
    surroundings: { ...SURROUNDINGS, names: known },
    namesElsewhere: new Map([['etcd02', known]]),
  }),
  'pass | all 1 resolve',
);
test(
  'names fail where one is unknown',
  judges,
  names,
  around({ names: new Map([['etcd02.example', []]]) }),
  'fail | does not know etcd02.example | add it to DNS or /etc/hosts',
);
test(
  'names fail where one is loopback',
  judges,
  names,
  around({ names: new Map([['etcd01.example', ['127.0.1.1']]]) }),
  'fail | etcd01.example is 127.0.1.1 here | take the loopback line for it out of /etc/hosts: members must dial the address others see',
);
test(
  'names warn where hosts differ',
  judges,
  names,
  checked({
    surroundings: { ...SURROUNDINGS, names: known },
    namesElsewhere: new Map([['etcd02', new Map([['etcd02.example', ['10.0.0.2']]])]]),
  }),
  'warn | etcd02.example is 198.18.0.12 here, 10.0.0.2 on etcd02 | let all hosts ask the same DNS, or write the same /etc/hosts',
);
test('firewall passes', judges, firewall, checked(), 'pass | none is active');
test(
  'firewall passes where it lets everything needed through',
  judges,
  firewall,
  around({ firewalls: ['nftables'] }),
  'pass | nftables is active',
);
test(
  'firewall warns where a peer is not reached',
  judges,
  firewall,
  checked({
    dials: [{ ...near, outcome: 'no answer' }],
    surroundings: { ...SURROUNDINGS, firewalls: ['firewalld'] },
  }),
  'warn | firewalld is active | let in TCP 2379 and 2380, for firewalld: firewall-cmd --permanent --add-port=2379/tcp --add-port=2380/tcp && firewall-cmd --reload',
);

test(
  'data disk passes',
  judges,
  dataDisk,
  checked(),
  'pass | 20.0 GiB free on /var/lib/etcd (xfs)',
);
test(
  'data disk fails when it is full',
  judges,
  dataDisk,
  around({ data: { ...data, freeBytes: 100 * 1024 ** 2 } }),
  'fail | only 100 MiB free on /var/lib/etcd (xfs) | free space on /var/lib/etcd: etcd stops when the disk is full',
);
test(
  'data disk warns under twice the quota',
  judges,
  dataDisk,
  around({ data: { ...data, freeBytes: 3 * GIB } }),
  'warn | 3.0 GiB free on /var/lib/etcd (xfs), less than twice the quota of 2.0 GiB | free space, or lower quota-backend-bytes in etcd.settings',
);
test(
  'data disk warns of a network',
  judges,
  dataDisk,
  around({ data: { ...data, type: 'nfs4' } }),
  'warn | /var/lib/etcd is nfs4: a network in every write, and locks that may not hold | use a local disk',
);
test(
  'data disk fails in memory',
  judges,
  dataDisk,
  around({ data: { ...data, type: 'tmpfs' } }),
  'fail | /var/lib/etcd is tmpfs: the data is gone with the next reboot | mount a real disk there, or set etcd.paths.data',
);
test(
  'data disk fails where nothing can be written',
  judges,
  dataDisk,
  around({ data: { ...data, options: ['ro', 'relatime'] } }),
  'fail | /var/lib/etcd is mounted read-only, so /var/lib/etcd cannot be made | see dmesg: a broken disk becomes read-only',
);
test('program disk passes', judges, programDisk, checked(), 'pass | 5.0 GiB free on /');
test(
  'program disk fails where no program may run',
  judges,
  programDisk,
  around({ programs: { ...programs, options: ['rw', 'noexec'] } }),
  'fail | / is mounted noexec: no program runs from /opt/etcd/3.5.30 | mount it without noexec, or set etcd.paths.bin',
);
test(
  'program disk fails without space for the programs',
  judges,
  programDisk,
  around({ programs: { ...programs, freeBytes: 20 * 1024 ** 2 } }),
  'fail | 20 MiB free on /, the programs need 0 MiB | free space on /',
);
test(
  'disk writes pass',
  judges,
  diskWrites,
  checked(),
  'pass | 100 synced writes, median 1.3 ms, p99 4.5 ms',
);
test(
  'disk writes warn over 10 ms',
  judges,
  diskWrites,
  checked({ writes: { writes: 40, median: 9, p99: 130 } }),
  'warn | 40 synced writes, median 9.0 ms, p99 130.0 ms, over 10 ms | give etcd an SSD of its own; see who else writes there (iostat)',
);
test(
  'disk writes fail where a leader could not stay leader',
  judges,
  diskWrites,
  checked({ writes: { writes: 6, median: 800, p99: 900 } }),
  'fail | 6 synced writes, median 800.0 ms, p99 900.0 ms: a leader here loses leadership all the time | give etcd a faster disk',
);
test(
  'disk writes warn where none came through',
  judges,
  diskWrites,
  checked({ writes: undefined }),
  'warn | nothing could be written in /var/lib/etcd | see whether the disk is full or read-only',
);
