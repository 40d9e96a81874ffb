import test from 'ava';
import { ofVersion, programFact } from '../../../src/facts/host/program.ts';

const { read } = programFact('etcd', 'etcd', '/opt/etcd/3.5.30/etcd');
const answer = (...lines: readonly string[]) =>
  read({ exitCode: 0, stdout: `${lines.join('\n')}\n` });
const INSTALLED = [
  'installedCode=0',
  'installedSaid=etcd Version: 3.5.30',
  'loadedPath=/opt/etcd/current/etcd',
  'loadedSame=yes',
];

test('programFact() tells a running program by its content where its file is another', (t) => {
  const { running, runningSha256 } = answer(
    ...INSTALLED,
    'runningCode=0',
    'runningSaid=etcd Version: 3.5.30',
    `runningSum=${'a'.repeat(64)}`,
  );
  t.deepEqual([running, runningSha256], ['3.5.30', 'a'.repeat(64)]);
});

test('programFact() needs no checksum where the process runs the installed file', (t) => {
  const { running, runningSha256, loaded } = answer(...INSTALLED, 'runningAs=installed');
  t.deepEqual([running, runningSha256], ['3.5.30', undefined]);
  t.is(loaded?.path, '/opt/etcd/current/etcd');
});

test('programFact() leaves the version of one file that runs to its process', (t) => {
  const asked = answer('loadedPath=/opt/etcd/current/etcd', 'one=yes');
  t.true(asked.isOne);
  const known = { version: '3.5.30', complaint: undefined };
  t.deepEqual(ofVersion(asked, '3.5.30+git'), {
    running: '3.5.30',
    isOne: true,
    loaded: { path: '/opt/etcd/current/etcd', ...known },
    installed: { path: '/opt/etcd/3.5.30/etcd', ...known },
  });
});
