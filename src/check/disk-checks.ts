import { setting } from '../desired/setting.ts';
import { remedy } from '../problem/remedy.ts';
import type { CheckedHost } from './checked-host.ts';
import type { Disk } from './disk.ts';
import { fail, type HostCheck, type HostVerdict, pass, warn } from './verdict.ts';

const MIB = 1024 * 1024;
/** etcd's default quota-backend-bytes. */
const DEFAULT_QUOTA = 2048 * MIB;
/** Space that etcd's log alone takes before anything is written: two files of 64 MiB laid out in advance. */
const LEAST_FREE = 256 * MIB;
const NETWORKED = /^(nfs|cifs|smb|9p|fuse|ceph|gluster|lustre)/;
/** p99 of fsync beyond which etcd's own FAQ calls a disk too slow, in milliseconds. */
const SLOW = 10;

export const dataDisk: HostCheck<CheckedHost> = {
  name: 'data disk',
  judge: ({ cluster, member, facts, surroundings: { data } }) => {
    const unfit = unfitFor(data, cluster.paths.data) ?? unfitKind(data, 'etcd.paths.data');
    if (unfit !== undefined) return unfit;
    const quota = Number(setting(member, 'ETCD_QUOTA_BACKEND_BYTES')) || DEFAULT_QUOTA;
    const space = data.freeBytes + (facts.data?.bytes ?? 0);
    const free = `${gibibytes(data.freeBytes)} free on ${data.mount} (${data.type})`;
    if (data.freeBytes < LEAST_FREE)
      return fail(`only ${free}`, [
        remedy`free space on ${data.mount}: etcd stops when the disk is full`,
      ]);
    // A defragmentation writes the database a second time.
    if (space < 2 * quota)
      return warn(`${free}, less than twice the quota of ${gibibytes(quota)}`, [
        remedy`free space, or lower quota-backend-bytes in etcd.settings`,
      ]);
    return pass(free);
  },
};

export const logDisk: HostCheck<CheckedHost> = {
  name: 'log disk',
  judge: ({ cluster: { paths }, surroundings: { data, log } }) => {
    if (log === undefined) return pass('in the data directory');
    const unfit = unfitFor(log, paths.walHome ?? paths.wal) ?? unfitKind(log, paths.walKey);
    if (unfit !== undefined) return unfit;
    const free = `${gibibytes(log.freeBytes)} free on ${log.mount} (${log.type})`;
    if (log.freeBytes < LEAST_FREE)
      return fail(`only ${free}`, [
        remedy`free space on ${log.mount}: etcd stops when the disk is full`,
      ]);
    return log.mount === data.mount && log.source === data.source
      ? warn(`${free}, on the disk of the data: is a disk not mounted?`, [
          remedy`mount the disk for the log at ${paths.walHome ?? paths.wal}, or take ${paths.walKey} out`,
        ])
      : pass(free);
  },
};

export const programDisk: HostCheck<CheckedHost> = {
  name: 'program disk',
  judge: ({ cluster, binaries, facts, surroundings: { programs } }) => {
    const unfit = unfitFor(programs, cluster.paths.binaries);
    if (unfit !== undefined) return unfit;
    if (programs.options.includes('noexec'))
      return fail(
        `${programs.mount} is mounted noexec: no program runs from ${cluster.paths.binaries}`,
        [remedy`mount it without noexec, or set etcd.paths.bin`],
      );
    const missing = binaries.filter(({ name }) => !facts.binaries.has(name));
    const needed = missing.reduce((sum, { size }) => sum + size, 0);
    const free = `${gibibytes(programs.freeBytes)} free on ${programs.mount}`;
    return programs.freeBytes < needed + LEAST_FREE / 4
      ? fail(`${free}, the programs need ${gibibytes(needed)}`, [
          remedy`free space on ${programs.mount}`,
        ])
      : pass(free);
  },
};

export const diskWrites: HostCheck<CheckedHost> = {
  name: 'disk writes',
  judge: ({ member, writes, surroundings: { data, log = data } }) => {
    if (writes === undefined)
      return warn(`nothing could be written in ${log.directory}`, [
        remedy`see whether the disk is full or read-only`,
      ]);
    const found = `${writes.writes} synced writes, median ${writes.median.toFixed(1)} ms, p99 ${writes.p99.toFixed(1)} ms`;
    const election = Number(setting(member, 'ETCD_ELECTION_TIMEOUT')) || 1000;
    if (writes.median > election / 2)
      return fail(`${found}: a leader here loses leadership all the time`, [
        remedy`give etcd a faster disk`,
      ]);
    return writes.p99 > SLOW
      ? warn(`${found}, over ${SLOW} ms`, [
          remedy`give etcd an SSD of its own; see who else writes there (iostat)`,
        ])
      : pass(found);
  },
};

function unfitFor({ options, mount }: Disk, directory: string): HostVerdict | undefined {
  return options.includes('ro')
    ? fail(`${mount} is mounted read-only, so ${directory} cannot be made`, [
        remedy`see dmesg: a broken disk becomes read-only`,
      ])
    : undefined;
}

/** What no data of etcd should be on. */
function unfitKind({ mount, type }: Disk, key: string): HostVerdict | undefined {
  if (['tmpfs', 'ramfs'].includes(type))
    return fail(`${mount} is ${type}: the data is gone with the next reboot`, [
      remedy`mount a real disk there, or set ${key}`,
    ]);
  return NETWORKED.test(type)
    ? warn(`${mount} is ${type}: a network in every write, and locks that may not hold`, [
        remedy`use a local disk`,
      ])
    : undefined;
}

function gibibytes(bytes: number): string {
  return bytes >= 1024 * MIB
    ? `${(bytes / 1024 / MIB).toFixed(1)} GiB`
    : `${Math.round(bytes / MIB)} MiB`;
}
