import test from 'ava';
import { complaint } from '../../src/etcd/complaint.ts';

const RETRIED =
  '{"level":"warn","ts":"2026-11-26T10:00:00.000Z","logger":"etcd-client","caller":"v3@v3.5.16/retry_interceptor.go:63","msg":"retrying of unary invoker failed","error":"rpc error: code = DeadlineExceeded desc = context deadline exceeded"}';

for (const [said, expected] of [
  [`${RETRIED}\nError: context deadline exceeded\n`, 'Error: context deadline exceeded'],
  [
    `${RETRIED}\nError: etcdserver: mvcc: database space exceeded\n`,
    'Error: etcdserver: mvcc: database space exceeded',
  ],
  [
    'https://198.18.1.11:2379 is unhealthy: failed to connect: context deadline exceeded\nError: unhealthy cluster\n',
    'https://198.18.1.11:2379 is unhealthy: failed to connect: context deadline exceeded',
  ],
  ['Error: unhealthy cluster\n', 'Error: unhealthy cluster'],
  [`${RETRIED}\n`, 'no answer'],
  ['', 'no answer'],
] as const)
  test(`complaint() of ${JSON.stringify(said.slice(-60))}`, (t) => {
    t.is(complaint(said), expected);
  });
