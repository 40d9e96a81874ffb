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

const elsewhere = (of: ReturnType<typeof wanted>, facts: SeenFacts, member: string, unit: string) =>
  planCluster(
    {
      ...of,
      elsewhere: [{ member, address: '10.9.0.1', unit, confFile: '/etc/etcd/etcd.conf' }],
    },
    facts,
    UP,
  ).refusals.map(({ sentence, next }) => [sentence, nextText(next)]);

test('no first start where a member of the same name, or as another unit, runs elsewhere', (t) => {
  const three = wanted();
  t.deepEqual(elsewhere(three, bare(three), 'etcd01', 'etcd.service'), [
    [
      'prod runs on other machines than the inventory names: etcd01 runs at 10.9.0.1 as etcd.service; a first start here would make a second one',
      'give the new machines names of their own, which no member of prod has: provision up INVENTORY says then how the cluster moves there; or put etcd01 back at 10.9.0.1',
    ],
  ]);
  t.deepEqual(elsewhere(three, bare(three), 'etcd09', 'other.service'), [
    [
      'prod runs on other machines than the inventory names: etcd09 runs at 10.9.0.1 as other.service; a first start here would make a second one',
      'put back what etcd09 has: other.service with /etc/etcd/etcd.conf, where the inventory says etcd.service with /etc/etcd/etcd.conf; change one thing at a time',
    ],
  ]);
  t.deepEqual(elsewhere(three, settled(three), 'etcd01', 'etcd.service'), []);
});
