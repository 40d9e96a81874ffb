import test from 'ava';
import type { MemberFacts } from '../../src/facts/member.ts';
import { planCluster } from '../../src/plan/cluster.ts';
import { judgeLog, type LogVerdict, replacedLogs } from '../../src/plan/incarnation.ts';
import { but, emptyData, FRESH, incarnationOf, settled, wanted } from './facts.ts';
import { outline } from './outline.ts';

const three = wanted();
const up = settled(three);
const of = (found: Partial<MemberFacts>): LogVerdict | undefined => {
  const facts = but(up, 'etcd02', () => found).members.get('etcd02');
  return facts && judgeLog(facts);
};
const known = incarnationOf(three, 'etcd02');
const WISHES = { freshToken: FRESH, wipe: false, allowDowntime: false };

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
  const refused = planCluster(three, facts, WISHES).refusals;
  t.deepEqual(refused, replacedLogs(three, facts));
  t.deepEqual(
    refused.map(({ about }) => about),
    [['etcd02']],
  );
});

test('planCluster() has members record their logs, without a restart', (t) => {
  const facts = but(up, 'etcd03', () => ({ incarnation: undefined }));
  t.deepEqual(outline(planCluster(three, facts, WISHES)), [
    'record the logs',
    '  etcd03:',
    '    record-log (it is not recorded)',
  ]);
});
