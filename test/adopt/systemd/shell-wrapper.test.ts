import test from 'ava';
import { unwrapped } from '../../../src/adopt/systemd/shell-wrapper.ts';

test('unwrapped() finds the program behind bash -c', (t) => {
  const script =
    'GOMAXPROCS=$(nproc) /usr/bin/etcd --name="infra1.lager.example" --data-dir="/var/lib/etcd/" --x=\'a b\'';
  t.deepEqual(unwrapped(['/bin/bash', '-c', script]), {
    words: ['/usr/bin/etcd', '--name=infra1.lager.example', '--data-dir=/var/lib/etcd/', '--x=a b'],
    variables: ['GOMAXPROCS=$(nproc)'],
  });
});

test('unwrapped() leaves out what follows the first command, and passes over exec', (t) => {
  t.deepEqual(unwrapped(['/bin/sh', '-ec', 'exec etcd --name a; rm -f x'])?.words, [
    'etcd',
    '--name',
    'a',
  ]);
});

test('unwrapped() takes no other program for a shell', (t) => {
  t.is(unwrapped(['/usr/bin/etcd', '-c', 'x']), undefined);
  t.is(unwrapped(['/bin/bash', '/etc/start-etcd']), undefined);
});
