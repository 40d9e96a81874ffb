import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { failureLines } from '../../src/failure/text.ts';
import { throwTogether } from '../../src/failure/together.ts';
import { HostError } from '../../src/host/host-error.ts';
import { INVENTORY, provision, remedy } from '../../src/problem/remedy.ts';

const away = (name: string, next = remedy`switch ${name} on`) =>
  new Failure('unreachable', `${name}: no route to host`, { next: [next] });

function together(t: { throws: (work: () => void) => unknown }, ...failures: readonly Failure[]) {
  const error = t.throws(() => throwTogether(failures));
  return error instanceof Failure ? failureLines(error, 'prod.yaml') : [];
}

test('failureLines() says what it is, what shows it, what has caused it and what to do', (t) => {
  const problem = {
    ...{ kind: 'drop-in', about: ['etcd01'], sentence: 'etcd01: a drop-in changes the unit' },
    evidence: ['-User=etcd'],
    next: [remedy`take it away, then: ${provision('up', INVENTORY)}`],
  };
  const cause = new Error('found by hand');
  t.deepEqual(failureLines(new Failure('refused', problem, { cause }), 'prod.yaml'), [
    'error: etcd01: a drop-in changes the unit',
    '    | -User=etcd',
    '  caused by: found by hand',
    '  next: take it away, then: provision up prod.yaml',
  ]);
});

test('failureLines() says below each of several what helps it, and once what helps all', (t) => {
  t.deepEqual(together(t, away('etcd01'), away('etcd02')), [
    'error: 2 hosts failed:',
    '  etcd01: no route to host',
    '    next: switch etcd01 on',
    '  etcd02: no route to host',
    '    next: switch etcd02 on',
  ]);
  const both = remedy`plug the switch in`;
  t.deepEqual(together(t, away('etcd01', both), away('etcd02', both)), [
    'error: 2 hosts failed:',
    '  etcd01: no route to host',
    '  etcd02: no route to host',
    '  next: plug the switch in',
  ]);
});

test('failureLines() has a command that failed on a host looked into', (t) => {
  const result = { exitCode: 1, stdout: '', stderr: 'no space left on device' };
  const failed = new HostError('etcd01', 'write etcd.conf', result);
  t.deepEqual(failureLines(failed, 'prod.yaml'), [
    'error: etcd01: could not write etcd.conf: no space left on device',
    '  next: see what is wrong: provision doctor prod.yaml',
  ]);
  t.deepEqual(failureLines(new Failure('paused', 'prod: paused', { next: [] })), [
    'paused: prod: paused',
  ]);
});
