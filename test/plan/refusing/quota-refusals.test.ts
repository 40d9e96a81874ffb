import test from 'ava';
import { planCluster } from '../../../src/plan/cluster.ts';
import { nextText } from '../../../src/problem/render.ts';
import { bare, but, type SeenFacts, settled, UP, wanted } from '../facts.ts';

const withQuota = (bytes: number) =>
  wanted(3, { etcd: { version: '3.5.30', settings: { 'quota-backend-bytes': bytes } } });
const refused = (bytes: number, facts: SeenFacts) =>
  planCluster(withQuota(bytes), facts, UP).refusals.map(({ sentence, next }) => [
    sentence,
    nextText(next),
  ]);
/** Two members hold 20480 bytes, one 4 GB. */
const uneven = (running: SeenFacts) =>
  but(running, 'etcd02', ({ etcd }) => ({
    etcd: { ...etcd, status: etcd.status && { ...etcd.status, dbSize: 4_000_000_000 } },
  }));

test('quotaRefusals(): refuses a quota that what members hold has no space in', (t) => {
  t.deepEqual(refused(10_000, settled(wanted())), [
    [
      'etcd01, etcd02, etcd03: a database of 20480 bytes has no space in etcd.settings.quota-backend-bytes 10000; the cluster would take no write',
      'set etcd.settings.quota-backend-bytes (in bytes; 2147483648 where it is left out) well above 86016',
    ],
  ]);
  t.deepEqual(
    refused(2_000_000_000, uneven(settled(withQuota(8_589_934_592)))).map(([sentence]) => sentence),
    [
      'etcd02: a database of 4000000000 bytes has no space in etcd.settings.quota-backend-bytes 2000000000; the cluster would take no write',
    ],
  );
});

test('quotaRefusals(): the default is a quota too, when a larger one is taken out', (t) => {
  t.deepEqual(
    planCluster(wanted(), uneven(settled(withQuota(8_589_934_592))), UP).refusals.length,
    1,
  );
});

test('quotaRefusals(): refuses a new cluster whose quota holds no key', (t) => {
  t.deepEqual(refused(2000, bare(withQuota(2000))), [
    [
      'etcd01, etcd02, etcd03: no key has space in etcd.settings.quota-backend-bytes 2000; the cluster would take no write',
      'set etcd.settings.quota-backend-bytes (in bytes; 2147483648 where it is left out) well above 65536',
    ],
  ]);
});

test('quotaRefusals(): a quota that is larger, the same, or none is rolled out', (t) => {
  t.deepEqual(refused(5_000_000_000, uneven(settled(wanted()))), []);
  t.deepEqual(refused(-1, uneven(settled(wanted()))), []);
  t.deepEqual(refused(10_000, settled(withQuota(10_000))), [], 'it is no worse than it was');
});
