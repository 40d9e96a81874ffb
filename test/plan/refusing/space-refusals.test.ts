import test from 'ava';
import type { DiskSpace } from '../../../src/facts/host/disks.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { but, hanging, settled, stopped, UP, wanted } from '../facts.ts';

const before = wanted();
const after = wanted(3, {
  etcd: { version: '3.5.30', settings: { 'max-request-bytes': 2_000_000 } },
});

const sentences = test.macro(
  (t, path: string, change: Partial<DiskSpace>, expected: readonly string[]) => {
    const facts = but(settled(before), 'etcd03', ({ disks }) => ({
      disks: disks.map((one) => (one.path === path ? { ...one, ...change } : one)),
    }));
    t.deepEqual(
      planCluster(after, facts, UP).refusals.map(({ sentence }) => sentence),
      expected,
    );
    t.deepEqual(planCluster(before, facts, UP).refusals, [], 'nobody is touched');
  },
);
test('spaceRefusals(): a full data disk', sentences, '/var/lib/etcd', { bytes: 3_000_000 }, [
  'etcd03: the disk of the data directory is full: 2 MiB are free',
]);
test('spaceRefusals(): no space for the log', sentences, '/var/lib/etcd/member/wal', { bytes: 0 }, [
  'etcd03: the disk of the data directory is full: 0 MiB are free',
]);
test('spaceRefusals(): no inodes', sentences, '/etc/etcd', { inodes: 3 }, [
  'etcd03: the disk of /etc/etcd is full: 3 files fit (df -i)',
]);
test(
  'spaceRefusals(): inodes that are made when needed',
  sentences,
  '/etc/etcd',
  { inodes: undefined },
  [],
);
test('spaceRefusals(): read-only', sentences, '/etc/systemd/system', { writable: false }, [
  'etcd03: /etc/systemd/system cannot be written: its file system is read-only',
]);

test('spaceRefusals(): the disk of a member in a crash loop, whatever moment the look met', (t) => {
  const told = (change: Partial<DiskSpace>, state: typeof hanging) => {
    const facts = but(settled(before), 'etcd03', (found) => ({
      ...state(found),
      disks: found.disks.map((one) => (one.path === '/var/lib/etcd' ? { ...one, ...change } : one)),
    }));
    return planCluster(before, facts, UP).refusals.map(({ sentence }) => sentence);
  };
  const states = [stopped, hanging];
  const full = 'etcd03: the disk of the data directory is full: 0 MiB are free';
  const broken = 'etcd03: /var/lib/etcd cannot be written: its file system is read-only';
  t.deepEqual(
    states.map((state) => told({ bytes: 0 }, state)),
    [[full], [full]],
  );
  t.deepEqual(
    states.map((state) => told({ writable: false }, state)),
    [[broken], [broken]],
  );
  t.deepEqual(
    states.map((state) => told({}, state)),
    [[], []],
  );
});
