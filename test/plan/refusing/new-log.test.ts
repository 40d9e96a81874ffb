import test from 'ava';
import type { LogAboveFact } from '../../../src/facts/data/log-above.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { bare, butAll, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const exact = (walDirectory: string) =>
  wanted(1, { etcd: { version: '3.5.30', paths: { walDirectory } } });
const at = exact('/fast/log');

const around = (mode: number, owner: string): LogAboveFact => ({
  around: { mode, owner },
  isMountPoint: false,
});

const why = (facts: SeenFacts) =>
  planCluster(at, facts, UP).refusals.flatMap(({ kind, sentence }) =>
    kind === 'no-new-log' ? [sentence] : [],
  );
const beginning = (logAbove: LogAboveFact) => butAll(bare(at), () => ({ logAbove }));

test('planCluster() begins a log by itself where etcd may write around it', (t) => {
  t.deepEqual(why(beginning(around(0o755, 'etcd:etcd'))), []);
  t.deepEqual(why(beginning(around(0o775, 'root:etcd'))), []);
  t.deepEqual(why(beginning(around(0o1777, 'root:root'))), []);
  t.deepEqual(why(beginning({ around: undefined, isMountPoint: false })), []);
});

test('planCluster() makes the missing directory around a log for the account', (t) => {
  const { waves } = planCluster(at, beginning({ around: undefined, isMountPoint: false }), UP);
  const made = waves.flatMap(({ lanes }) =>
    lanes.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'prepare-host' ? step.directories : [])),
    ),
  );
  t.true(made.some(({ path, owner }) => path === '/fast' && owner === 'etcd:etcd'));
});

test('planCluster() refuses to begin a log where etcd could not give it its name', (t) => {
  const tail = 'it makes it in /fast and gives it its name there';
  const start = 'etcd01: etcd could not begin a log in /fast/log (etcd.paths.walDirectory)';
  t.deepEqual(why(beginning(around(0o755, 'root:root'))), [
    `${start}: ${tail}, which belongs to root:root, and etcd runs as etcd`,
  ]);
  t.deepEqual(why(beginning({ ...around(0o755, 'etcd:etcd'), isMountPoint: true })), [
    `${start}: it is a mount point, and a log gets its name last`,
  ]);
});

test('planCluster() goes on with a log that is there, whoever owns what is around it', (t) => {
  const facts = butAll(settled(at), () => ({ logAbove: around(0o755, 'root:root') }));
  t.deepEqual(planCluster(at, facts, UP).refusals, []);
  t.deepEqual(planCluster(at, facts, UP).waves, []);
});

test('planCluster() refuses to wipe a log that could not be begun again', (t) => {
  const facts = butAll(settled(at), () => ({ logAbove: around(0o755, 'root:root') }));
  const { refusals } = planCluster(at, facts, { ...UP, wipe: true });
  t.true(refusals.some(({ kind }) => kind === 'no-new-log'));
});
