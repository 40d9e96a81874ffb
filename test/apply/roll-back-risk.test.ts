import test from 'ava';
import { surroundings } from '../../src/apply/roll-back-risk.ts';
import { allWell } from '../../src/plan/gate.ts';
import { machines } from './machine.ts';

test('surroundings() names members that do not answer while others answer, and nobody where no quorum is left', async (t) => {
  const all = await machines(t);
  const names = ['etcd01', 'etcd02', 'etcd03'];
  const risk = async () => (await surroundings(['etcd01'], allWell(names), all.site(1))).atRisk;
  t.deepEqual(await risk(), []);
  await all.answers('etcd02', false);
  t.deepEqual(await risk(), ['etcd02']);
  await all.answers('etcd03', false);
  t.deepEqual(await risk(), []);
});

test('surroundings() counts the list that etcd holds: of five one may not answer beside the one that restarts', async (t) => {
  const all = await machines(t, 5);
  const gates = allWell(['etcd01', 'etcd02', 'etcd03', 'etcd04', 'etcd05']);
  const risk = async () => (await surroundings(['etcd01'], gates, all.site(1))).atRisk;
  await all.answers('etcd02', false);
  t.deepEqual(await risk(), []);
  await all.answers('etcd03', false);
  t.deepEqual(await risk(), ['etcd02', 'etcd03']);
});

test('surroundings() counts a listed member that never started as down, as long as one that answers is restarted', async (t) => {
  const all = await machines(t, 4);
  const gates = allWell(['etcd01', 'etcd02', 'etcd03']);
  const risk = async () => (await surroundings(['etcd01'], gates, all.site(1))).atRisk;
  t.deepEqual(await risk(), ['etcd04']);
  await all.answers('etcd01', false);
  t.deepEqual(await risk(), []);
});
