import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const told = (desired: ReturnType<typeof wanted>, facts: SeenFacts, ...unasked: string[]) =>
  planCluster({ ...desired, unasked }, facts, UP).refusals.map(({ sentence, next }) => [
    sentence,
    nextText(next),
  ]);

test('no first start while machines that had members cannot be asked, over http too', (t) => {
  const http = wanted(3, { protocol: 'http' });
  t.deepEqual(told(http, bare(http), '10.9.0.1', '10.9.0.2'), [
    [
      '10.9.0.1, 10.9.0.2: had members when up was last run with this inventory and are not in the inventory, and the machines cannot be reached: if prod runs there, a first start here would make a second one',
      'see that the machines are up and reachable by SSH; or if they are gone for good: give INVENTORY another file name, under which nothing is remembered',
    ],
  ]);
  t.deepEqual(told(http, bare(http)), []);
});

test('the same by the certificates of the store; nobody is waited for where the cluster is begun', (t) => {
  const three = wanted();
  const { store } = settled(three);
  t.deepEqual(told(three, { ...bare(three), store }, 'etcd09'), [
    [
      'etcd09: has a certificate as a member in /home/me/prod.pki and is not in the inventory, and the machine cannot be reached: if prod runs there, a first start here would make a second one',
      'see that the machine is up and reachable by SSH; or if it is gone for good: move /home/me/prod.pki/etcd09 out of the store',
    ],
  ]);
  t.deepEqual(told(three, settled(three), 'etcd09'), []);
});
