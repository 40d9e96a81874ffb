import test from 'ava';
import { readHealth } from '../../../src/facts/etcd/health.ts';

const nothing = { healthy: false, alarm: undefined };

for (const [text, expected] of [
  ['{"health":"true"}', { healthy: true, alarm: undefined }],
  ['{"health":"true","reason":""}', { healthy: true, alarm: undefined }],
  ['{"health":"false"}', nothing],
  ['{"health":"false","reason":"RAFT NO LEADER"}', nothing],
  ['{"health":"false","reason":"ALARM CORRUPT"}', { healthy: false, alarm: 'CORRUPT' }],
  ['{"healthy":"true"}', nothing],
  ['health: true', nothing],
  ['Client sent an HTTP request to an HTTPS server.', nothing],
  ['[]', nothing],
] as const)
  test(`readHealth() reads ${text}`, (t) => {
    t.deepEqual(readHealth(text), expected);
  });
