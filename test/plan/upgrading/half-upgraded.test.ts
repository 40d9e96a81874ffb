import test from 'ava';
import { halfUpgraded } from '../../../src/plan/upgrading/half-upgraded.ts';
import type { Proposal } from '../../../src/problem/problem.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, settled, wanted } from '../facts.ts';

const at = (version: string) => wanted(3, { etcd: { version } });
const all = settled(at('3.5.33'));

const withVersion = (name: string, version: string) =>
  but(all, name, ({ etcd, program }) => ({
    program: { ...program, running: version },
    etcd: { ...etcd, ...(etcd.status && { status: { ...etcd.status, version } }) },
  }));

const said = (problem: Pick<Proposal, 'next'> | undefined) =>
  nextText((problem?.next ?? []).map(({ parts }) => ({ parts, requires: [] })));

test('halfUpgraded() names who lags behind', (t) => {
  const [problem, ...others] = halfUpgraded(at('3.6.14'), withVersion('etcd02', '3.6.14'));
  t.deepEqual(others, []);
  t.is(
    problem?.sentence,
    'an upgrade is half done: etcd01, etcd03 with 3.5.33; etcd02 with 3.6.14',
  );
  t.deepEqual(problem?.about, ['etcd01', 'etcd03']);
  t.deepEqual(
    problem?.next.map(({ requires }) => requires),
    [[{ kind: 'upWouldAct' }]],
  );
});

test('halfUpgraded() says to which version the inventory has to go on', (t) => {
  const [problem] = halfUpgraded(at('3.5.33'), withVersion('etcd02', '3.6.14'));
  t.is(
    said(problem),
    'set etcd.version to 3.6.14, then: provision up INVENTORY; or if nobody meant to upgrade, one after another on etcd02: test -x /opt/etcd/3.5.33/etcd && ln -sfn /opt/etcd/3.5.33 /opt/etcd/etcd && systemctl restart etcd',
  );
  // Once nobody runs the former version the cluster has taken the later one up.
  const [further] = halfUpgraded(at('3.4.23'), withVersion('etcd02', '3.6.14'));
  t.is(said(further), 'set etcd.version to 3.6.14, then: provision up INVENTORY');
});

test('halfUpgraded() says nothing of patches, nor of members that do not run', (t) => {
  t.deepEqual(halfUpgraded(at('3.5.33'), withVersion('etcd02', '3.5.30')), []);
  t.deepEqual(halfUpgraded(at('3.6.14'), all), []);
});
