import test from 'ava';
import { nearest, suggestion } from '../../src/inventory/nearest.ts';

const near = test.macro((t, typed: string, expected: string | undefined) => {
  t.is(nearest(typed, ['cluster', 'protocol', 'etcd', 'members', 'identityFile', 'O']), expected);
});

test('nearest: finds a key with a letter too many', near, 'clusters', 'cluster');
test('nearest: finds a key with two letters exchanged', near, 'memebrs', 'members');
test('nearest: finds a key in another spelling', near, 'identity-file', 'identityFile');
test('nearest: finds nothing for a word of its own', near, 'replicas', undefined);
test('nearest: does not guess from one letter', near, 'CN', undefined);
test('nearest: gives up on what nobody typed', near, 'x'.repeat(5000), undefined);

test('suggestion: says nothing where there are no keys', (t) => {
  t.is(suggestion('x', []), '');
});
