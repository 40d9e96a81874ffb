import test from 'ava';
import { isHereStep } from '../../src/plan/here-step.ts';

test('isHereStep: knows what is done to the store, and nothing that is done to a host', (t) => {
  t.true(isHereStep({ kind: 'create-ca' }));
  t.true(isHereStep({ kind: 'watch-port' }));
  t.false(isHereStep({ kind: 'restart-unit' }));
  t.false(isHereStep({ kind: 'check-restored' }));
  t.false(isHereStep({ kind: 'toString' }));
});
