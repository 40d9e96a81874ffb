import test from 'ava';
import { logSince } from '../../src/commands/certs/rotate-ca-followers.ts';

test('logSince() leaves out the second in which a process took the place of another', (t) => {
  t.is(logSince(1000, 1010.7), 1001);
  t.is(logSince(1000, 2000.7), 1940);
  t.is(logSince(undefined, 2000), 1940);
});
