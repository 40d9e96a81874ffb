import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { replacedLogs } from '../../src/plan/incarnation.ts';
import { judgeLog, type LogVerdict } from '../../src/plan/log-verdict.ts';
import { nextText } from '../../src/problem/render.ts';
import { but, emptyData, incarnationOf, settled, stopped, UP, wanted } from './facts.ts';
import { outline } from './outline.ts';

const three = wanted();
const up = settled(three);
const of = (found: Partial<MemberFacts>): LogVerdict | undefined => {
  const facts = but(up, 'etcd02', () => found).members.get('etcd02');
  return facts && judgeLog(facts);
};
const known = incarnationOf(three, 'etcd02');

const cases: readonly (readonly [string, Partial<MemberFacts>, LogVerdict])[] = [
  ['the log that was recorded', {}, 'same'],
  ['nothing recorded', { incarnation: undefined }, 'unrecorded'],
  ['no data', { data: emptyData }, 'none'],
  [
    'another log under the same ids',
    { incarnation: { ...known, sha256: 'b'.repeat(64) } },
    'replaced',
  ],
  [
    'a log that does not fit its checksums',
    { incarnation: { ...known, sha256: 'b'.repeat(64), isDamaged: true } },
    'damaged',
  ],
  [
    'its earliest segments deleted by etcd',
    {
      incarnation: {
        ...known,
        earliest: '0000000000000005-000000000001e8ac.wal',
        sha256: undefined,
      },
    },
    'same',
  ],
  [
    'a log that begins earlier than the one recorded',
    {
      incarnation: {
        record: { ...known.record, segment: '0000000000000005-000000000001e8ac.wal' },
        earliest: '0000000000000000-0000000000000000.wal',
        sha256: undefined,
      },
    },
    'replaced',
  ],
  [
    'a member that was restored',
    { incarnation: incarnationOf(three, 'etcd02', 'former') },
    'unrecorded',
  ],
];
for (const [state, found, verdict] of cases) {
  test(`judgeLog() says ${verdict} of ${state}`, (t) => {
    t.is(of(found), verdict);
  });
}

test('planCluster() refuses beside a log that took the place of another, and names the member', (t) => {
  const facts = but(up, 'etcd02', () => ({ incarnation: { ...known, sha256: 'b'.repeat(64) } }));
  const refused = planCluster(three, facts, UP).refusals;
  t.deepEqual(refused, replacedLogs(three, facts));
  t.deepEqual(
    refused.map(({ about }) => about),
    [['etcd02']],
  );
});

test('planCluster() has members record their logs, without a restart', (t) => {
  const facts = but(up, 'etcd03', () => ({ incarnation: undefined }));
  t.deepEqual(outline(planCluster(three, facts, UP)), [
    'record the logs',
    '  etcd03:',
    '    record-log (it is not recorded)',
  ]);
});

test('planCluster() says of a damaged log what helps, whether its member runs or not', (t) => {
  const damaged = { incarnation: { ...known, sha256: 'b'.repeat(64), isDamaged: true } };
  const told = (found: Partial<MemberFacts>) =>
    planCluster(
      three,
      but(up, 'etcd02', () => found),
      UP,
    ).refusals.map(({ kind, sentence, next }) => [kind, sentence, nextText(next, 'prod.yaml')]);
  const replace = 'provision member replace prod.yaml etcd02';
  t.deepEqual(told(damaged), [
    [
      'log-damaged',
      'etcd02: its write-ahead log was damaged on its disk: it runs, and etcd would not start on it again',
      `while it and all others answer, replace its data: ${replace} --force; or keep all members as they are, and save what each of them holds: provision snapshot save prod.yaml --member NAME`,
    ],
  ]);
  const member = up.members.get('etcd02');
  t.deepEqual(member && told({ ...stopped(member), ...damaged }), [
    [
      'database-damaged',
      'etcd02: its data is damaged: its write-ahead log does not fit its checksums; etcd would end as soon as it is started',
      `if etcd02 is lost for good: ${replace}; or while etcd02 is away, keep the others running, and save what they hold: provision snapshot save prod.yaml`,
    ],
  ]);
});
