import test from 'ava';
import { conclude } from '../../../src/diagnosis/conclude.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, butAll, type SeenFacts, settled, stopped, wanted } from '../../plan/facts.ts';
import { doctorInput, started } from '../examined-cluster.ts';

const three = wanted();
// Doctor fetches no programs.
const whole = { ...settled(three), binaries: [] };
const file = (path: string, version: string) => ({ path, version, complaint: undefined });
const swapped = (version: string) => ({
  running: undefined,
  loaded: file('/opt/etcd/etcd/etcd', version),
  installed: file('/opt/etcd/3.5.30/etcd', version),
});
const CRASH = started({
  ...{ active: 'activating', sub: 'auto-restart', result: 'exit-code', restarts: 3 },
  end: { how: 'exited', status: '1/FAILURE' },
  lines: [
    {
      at: 1,
      text: 'cluster cannot be downgraded (current version: 3.4.23 is lower than determined cluster version: 3.5).',
    },
  ],
});

function told(facts: SeenFacts, starts: Parameters<typeof doctorInput>[2] = {}) {
  const { findings, remarks } = conclude(doctorInput(three, facts, starts));
  return [
    ...findings.map(({ about, sentence, next }) => [about.join(), sentence, nextText(next)]),
    ...remarks.map(({ sentence, next }) => ['remark', sentence, nextText(next)]),
  ];
}

test('doctor names the wrong program under a crashed member, and up, which brings the right one', (t) => {
  const facts = but(whole, 'etcd02', (found) => ({
    ...stopped(found),
    program: swapped('3.4.23'),
  }));
  t.deepEqual(told(facts, { etcd02: CRASH }), [
    [
      'etcd02',
      '/opt/etcd/3.5.30/etcd is etcd 3.4.23, and should be 3.5.30',
      'up brings etcd 3.5.30 there again: provision up INVENTORY',
    ],
  ]);
});

test('doctor names the wrong program under a member that still runs the right one', (t) => {
  const facts = but(whole, 'etcd02', () => ({
    program: { ...swapped('3.4.23'), running: '3.5.30' },
  }));
  t.deepEqual(told(facts), [
    [
      'etcd02',
      '/opt/etcd/3.5.30/etcd is etcd 3.4.23, and should be 3.5.30: its next start would run that',
      'up brings etcd 3.5.30 there again: provision up INVENTORY',
    ],
  ]);
});

test('doctor offers no up where up refuses to go back from a newer program', (t) => {
  const facts = butAll(whole, (found) => ({ ...stopped(found), program: swapped('3.6.14') }));
  const crash = { ...CRASH, lines: [] };
  t.deepEqual(
    told(facts, { etcd01: crash, etcd02: crash, etcd03: crash }).map(([, , next]) =>
      next?.startsWith('up refuses now: '),
    ),
    [true, true, true],
  );
});
