import test from 'ava';
import type { InstalledBinary } from '../../src/binaries/question.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { but, settled, UP, wanted } from './facts.ts';
import { outline } from './outline.ts';

const three = wanted();
const matching = settled(three);

/** The plan for a cluster as it should be, but for one program of etcd01. */
function planWith(name: 'etcd' | 'etcdctl', other: Partial<InstalledBinary>): readonly string[] {
  const facts = but(matching, 'etcd01', (found) => {
    const there = found.binaries.get(name);
    if (there === undefined) throw new TypeError(`no ${name} to change`);
    return { binaries: new Map(found.binaries).set(name, { ...there, ...other }) };
  });
  return outline(planCluster(three, facts, UP));
}

const bring = (name: string, because: string) => [
  'bring programs',
  '  etcd01:',
  `    upload ${name} /opt/etcd/${three.version} (${because})`,
];

test('planCluster: a program that others could change is brought again, without a restart', (t) => {
  t.deepEqual(
    planWith('etcdctl', { mode: 0o775 }),
    bring('etcdctl', 'it is 0775 root:root, not 0755 root:root'),
  );
  t.deepEqual(
    planWith('etcdctl', { owner: 'ops:root' }),
    bring('etcdctl', 'it is 0755 ops:root, not 0755 root:root'),
  );
});

test('planCluster: who gets another etcd while it runs is restarted in the same run', (t) => {
  t.deepEqual(planWith('etcd', { sha256: 'f'.repeat(64) }), [
    ...bring('etcd', 'another file is there'),
    'restart etcd01',
    '  before etcd02 etcd03',
    '  etcd01:',
    '    yield-leadership (a leader that stops costs an election)',
    '    restart-unit (its program is replaced)',
    '    await-ready (the next member may only stop when this one is back)',
    '  gate etcd01 etcd02 etcd03',
  ]);
});

/** The program of etcd01's process was replaced on disk, and has this sha256. */
const running = (runningSha256: string) =>
  outline(
    planCluster(
      three,
      but(matching, 'etcd01', ({ unit, program }) => ({
        program: { ...program, runningSha256 },
        unit: {
          ...unit,
          process: unit.process && {
            ...unit.process,
            executable: `/opt/etcd/${three.version}/etcd (deleted)`,
          },
        },
      })),
      UP,
    ),
  );

test('planCluster: a program that was replaced by a copy of itself is no reason to restart', (t) => {
  const same = matching.members.get('etcd01');
  const sha256 = same !== undefined && 'binaries' in same ? same.binaries.get('etcd')?.sha256 : '';
  t.deepEqual(running(sha256 ?? ''), []);
  t.regex(running('f'.repeat(64)).join(), /restart-unit \(it runs .*etcd \(deleted\), not /);
});
