import test from 'ava';
import { readClusterVersion } from '../../src/facts/ask-cluster-version.ts';

test('readClusterVersion() reads what members can all work with', (t) => {
  t.is(readClusterVersion('{"etcdserver":"3.5.30","etcdcluster":"3.4.0"}'), '3.4.0');
  t.is(
    readClusterVersion('{"etcdserver":"3.6.14","etcdcluster":"3.6.0","storage":"3.6.0"}'),
    '3.6.0',
  );
});

test('readClusterVersion() gives nothing where the cluster has none yet, or it is not etcd', (t) => {
  t.is(readClusterVersion('{"etcdserver":"3.5.30","etcdcluster":"not_decided"}'), undefined);
  t.is(readClusterVersion('{"version":"1"}'), undefined);
  t.is(readClusterVersion('<html>'), undefined);
});
