import test from 'ava';
import { readHeader } from '../../src/desired/header.ts';

test('readHeader() knows a member by any name that something else may have given it', (t) => {
  const of = (name: string) => readHeader(`# provision: cluster prod, member ${name}\n`)?.member;
  t.is(of('etcd01'), 'etcd01');
  t.is(of('Infra1.lager_x.example'), 'Infra1.lager_x.example');
  t.is(of('a b'), undefined);
});
