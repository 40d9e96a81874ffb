import test from 'ava';
import type { InstalledBinary } from '../../src/binaries/question.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { but, FRESH, settled, wanted } from './facts.ts';
import { outline } from './outline.ts';

const three = wanted();
const matching = settled(three);
const wishes = { freshToken: FRESH, wipe: false, allowDowntime: false };

/** The plan for a cluster as it should be, but for one program of etcd01. */
function planWith(name: 'etcd' | 'etcdctl', other: Partial<InstalledBinary>): readonly string[] {
  const facts = but(matching, 'etcd01', (found) => {
    const there = found.binaries.get(name);
    if (there === undefined) throw new TypeError(`no ${name} to change`);
    return { binaries: new Map(found.binaries).set(name, { ...there, ...other }) };
  });
  return outline(planCluster(three, facts, wishes));
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
