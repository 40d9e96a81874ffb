import test from 'ava';
import { planCluster } from '../../src/plan/cluster.ts';
import { refuseDifferentData, stopsRunning } from '../../src/run/refuse-different-data.ts';
import { but, settled, stopped, wanted } from '../plan/facts.ts';

const three = wanted();
const answering = settled(three);
const wishes = { freshToken: '', wipe: false, allowDowntime: false };

test('stopsRunning() of plans that restart somebody, and of those that do not', (t) => {
  const restart = { ...wishes, restart: () => 'it was asked for' };
  t.true(stopsRunning(planCluster(three, answering, restart)));
  const leaves = { ...wishes, removes: ['etcd04'] };
  t.true(stopsRunning(planCluster(three, settled(wanted(4)), leaves)));
  t.false(stopsRunning(planCluster(three, answering, wishes)));
  t.false(stopsRunning(planCluster(three, but(answering, 'etcd02', stopped), wishes)));
});

test('refuseDifferentData() asks nobody where nobody is restarted', async (t) => {
  const plan = planCluster(three, but(answering, 'etcd02', stopped), wishes);
  await t.notThrowsAsync(refuseDifferentData(three, new Map(), answering, plan, '/none.pki'));
});
