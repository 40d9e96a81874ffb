import test from 'ava';
import { planCluster } from '../../src/plan/cluster.ts';
import { refuseDifferentData, stopsRunning } from '../../src/run/refuse-different-data.ts';
import { but, settled, stopped, UP, wanted } from '../plan/facts.ts';

const three = wanted();
const answering = settled(three);

test('stopsRunning() of plans that restart somebody, and of those that do not', (t) => {
  const restart = { ...UP, restart: () => 'it was asked for' };
  t.true(stopsRunning(planCluster(three, answering, restart)));
  const leaves = { ...UP, removes: ['etcd04'] };
  t.true(stopsRunning(planCluster(three, settled(wanted(4)), leaves)));
  t.false(stopsRunning(planCluster(three, answering, UP)));
  t.false(stopsRunning(planCluster(three, but(answering, 'etcd02', stopped), UP)));
});

test('refuseDifferentData() asks nobody where nobody is restarted', async (t) => {
  const plan = planCluster(three, but(answering, 'etcd02', stopped), UP);
  await t.notThrowsAsync(refuseDifferentData(three, new Map(), answering, plan, '/none.pki'));
});
