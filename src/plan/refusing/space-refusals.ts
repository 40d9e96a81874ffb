import type { DesiredCluster, DesiredPaths } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { DataFact } from '../../facts/data/data.ts';
import type { DiskSpace } from '../../facts/host/disks.ts';
import { couldNotBeAsked, foundOf } from '../../observed/found.ts';
import { seenMembers } from '../../observed/observed.ts';
import { type Offered, remedy } from '../../problem/remedy.ts';
import type { MemberPlan } from '../member.ts';
import { within } from '../path.ts';
import { LEFT_OVER } from '../place-move.ts';
import type { Refusal } from '../plan.ts';

const MIB = 1_048_576;
/** With less free than that, etcd dies at one of its next writes. */
const DATA = { bytes: 8 * MIB, inodes: 16, what: 'data' };
const LOG = { ...DATA, what: 'log' };
/** Certificates, keys, etcd.conf and unit file, each twice for a moment. */
const FILES = { bytes: MIB, inodes: 64, what: 'files' };

/** What is going to happen to a member. */
interface Touch {
  /** Its etcd, by the plan or, where it does not answer, by its own attempts, which systemd may repeat. */
  readonly starts: boolean;
  /** Its configuration or its certificates. */
  readonly writes: boolean;
}

/** What a plan is going to do to this member, and what its etcd does beside it. */
export function touchOf(
  plans: readonly MemberPlan[],
  facts: Pick<ClusterFacts, 'members'>,
): (member: string) => Touch {
  return (member) => {
    const plan = plans.find(({ name }) => name === member);
    if (plan === undefined) return { starts: false, writes: false };
    const { running, restartBecause, configuration, certificates } = plan;
    return {
      starts: !running || restartBecause !== undefined || isSilent(facts, member),
      writes: configuration.length + certificates.length > 0,
    };
  };
}

// A process of a crash loop is not told from one that runs: what both need to begin to answer is the same.
function isSilent(facts: Pick<ClusterFacts, 'members'>, member: string): boolean {
  const found = foundOf(facts, member);
  return found !== undefined && !found.etcd.healthy && !couldNotBeAsked(found);
}

/** Why members must not be touched: what is written for it, or by etcd after it, would not fit. */
export function spaceRefusals(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  touched: (member: string) => Touch = () => ({ starts: true, writes: true }),
): readonly Refusal[] {
  const { paths } = desired;
  return seenMembers(desired, facts).flatMap(({ name, found: { data, disks } }) => {
    const { starts, writes } = touched(name);
    const files = [paths.conf, paths.unitFile.slice(0, paths.unitFile.lastIndexOf('/'))];
    const moved = { data: dataToMove(data), log: logToMove(paths, data) };
    const [dataDisk, logDisk] = [paths.data, paths.wal].map((path) =>
      disks.find((one) => one.path === path),
    );
    const isOneDisk =
      dataDisk?.fileSystem !== undefined && dataDisk.fileSystem === logDisk?.fileSystem;
    // The log is copied behind the data.
    const before = isOneDisk && Math.min(moved.data, moved.log) > 0 ? moved.data - LEFT_OVER : 0;
    const needs = [
      ...(starts
        ? [
            { path: paths.data, ...DATA, moved: moved.data },
            { path: paths.wal, ...LOG, moved: moved.log + before },
          ]
        : []),
      ...(writes ? files.map((path) => ({ path, ...FILES })) : []),
    ];
    const told = (why: string, next: Offered): Refusal => ({
      ...{ kind: 'no-space', about: [name], sentence: `${name}: ${why}`, next: [next] },
    });
    const unfit = needs.flatMap(({ path, ...need }) => {
      const disk = disks.find((one) => one.path === path);
      const why = disk && whyUnfit(disk, need);
      return why === undefined ? [] : [why];
    });
    const inMemory = [
      ...(moved.data > 0 && dataDisk?.isMemory === true ? ([['data', paths.data]] as const) : []),
      ...(moved.log > 0 && logDisk?.isMemory === true ? ([['log', paths.wal]] as const) : []),
    ];
    return [
      ...inMemory.map(([of, path]) =>
        told(
          `${path} is in memory (tmpfs): a reboot would end the ${of} that is moved there`,
          remedy`mount a disk there on ${name}, or name a directory on one as etcd.paths.${of === 'data' ? of : 'wal'}`,
        ),
      ),
      ...[...new Set(unfit)].map((why) =>
        told(
          why,
          remedy`free space or mount it writable on ${name}; see df -h, df -i, findmnt and dmesg there`,
        ),
      ),
    ];
  });
}

function dataToMove(data: DataFact | undefined): number {
  const { elsewhere } = data ?? {};
  return elsewhere === undefined || elsewhere.isOnDisk === true ? 0 : elsewhere.bytes + LEFT_OVER;
}

function logToMove({ data, wal }: DesiredPaths, found: DataFact | undefined): number {
  const { elsewhere, logAt, logBytes, isLogOnDisk } = found ?? {};
  if (logAt === undefined || logBytes === undefined) return 0;
  // It comes with the data, and goes on from there.
  const isAlong = elsewhere !== undefined && within(logAt, elsewhere.at);
  if (isAlong ? within(wal, data) : isLogOnDisk === true) return 0;
  return logBytes + LEFT_OVER;
}

/** What is going to be written to a disk. */
interface Need {
  readonly bytes: number;
  readonly inodes: number;
  readonly what: string;
  /** Bytes of what is copied there, and of what must be left. */
  readonly moved?: number;
}

function whyUnfit(
  { path, writable, bytes, inodes }: DiskSpace,
  { moved = 0, ...need }: Need,
): string | undefined {
  if (!writable) return `${path} cannot be written: its file system is read-only`;
  const isInData = need.what === 'data' || (need.what === 'log' && path.endsWith('/member/wal'));
  const where = isInData ? 'the disk of the data directory' : `the disk of ${path}`;
  const free = `${Math.floor(bytes / MIB)} MiB are free`;
  if (bytes < need.bytes) return `${where} is full: ${free}`;
  const needed = need.bytes + moved;
  if (bytes < needed)
    return `${where} has too little room for the ${need.what} that is moved there: ${free}, ${Math.ceil(needed / MIB)} MiB are needed`;
  if (inodes !== undefined && inodes < need.inodes)
    return `${where} is full: ${inodes} files fit (df -i)`;
  return undefined;
}
