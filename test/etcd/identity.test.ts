import test from 'ava';
import { bootstrapClusterId, bootstrapMemberId } from '../../src/etcd/identity.ts';
import { readWalOwner } from '../../src/etcd/wal.ts';

// What etcd 3.4.23 really had after a first start with these URLs and this token, and the head of its log.
const URLS = ['http://127.0.0.1:32380', 'http://127.0.0.1:32381'];
const TOKEN = 'tok-1';
const HEAD = Buffer.from(
  'BAAAAAAAAIQIBBAAAAAAACAAAAAAAAAACAEQ1aPdxQQaFgiKvujJ6K2gn98BEP+c7q/wlIuUxAEOAAAAAAAAgggFEO/cnfkCGgQIABAAAABvAAAAAAAAgQgCEPrX6JkJGmUIARABGAEiXQgAEAAYgb7L0Nvmy9qQASJMeyJpZCI6MTA0MjcyOTI0MjAwNDc4MjI1OTMsInBlZXJVUkxzIjpbImh0dHA6Ly8xMjcuMC4wLjE6MzIzODEiXSwibmFtZSI6ImIifQA=',
  'base64',
);

test('bootstrapMemberId() computes the id etcd gives a member', (t) => {
  t.is(bootstrapMemberId(['http://127.0.0.1:32380'], TOKEN), 'df3e816e893a1f0a');
  t.is(bootstrapMemberId(['http://127.0.0.1:32381'], TOKEN), '90b52f35ba12df01');
});

test('bootstrapClusterId() computes the id etcd gives the cluster, whatever the order of its members', (t) => {
  t.is(bootstrapClusterId(URLS, TOKEN), 'c4282ca705fb8e7f');
  t.is(bootstrapClusterId(URLS.toReversed(), TOKEN), 'c4282ca705fb8e7f');
  t.not(bootstrapClusterId(URLS, 'tok-2'), 'c4282ca705fb8e7f');
});

test('readWalOwner() reads member and cluster from the head of a log', (t) => {
  t.deepEqual(readWalOwner(HEAD), { memberId: 'df3e816e893a1f0a', clusterId: 'c4282ca705fb8e7f' });
});

test('readWalOwner() gives nothing for a head that is cut, empty or no log', (t) => {
  for (const head of [
    HEAD.subarray(0, 30),
    Buffer.alloc(0),
    Buffer.alloc(200),
    Buffer.alloc(200, 0xff),
  ]) {
    t.is(readWalOwner(head), undefined);
  }
});
