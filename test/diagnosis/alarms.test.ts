import test from 'ava';
import { clusterFindings } from '../../src/diagnosis/cluster-findings.ts';
import { nextData } from '../../src/problem/render.ts';
import { but, settled, wanted } from '../plan/facts.ts';

/** What is said when etcd02, which holds so many bytes, is out of space with this quota. */
const told = (quota: number, dbSize: number) => {
  const cluster = wanted(3, {
    etcd: { version: '3.5.30', settings: { 'quota-backend-bytes': quota } },
  });
  const facts = but(settled(cluster), 'etcd02', ({ etcd }) => {
    const { status } = etcd;
    const id = BigInt(`0x${status?.memberId}`);
    const errors = [`memberID:${id} alarm:NOSPACE `];
    return { etcd: { ...etcd, status: status && { ...status, dbSize, errors } } };
  });
  return clusterFindings(cluster, facts).map(({ about, sentence, next }) => [
    about.join(),
    sentence,
    nextData(
      next.map(({ parts }) => ({ parts, requires: [] })),
      'a.yaml',
    ).map((one) => one.do),
  ]);
};

test('clusterFindings(): a database that is full wants less in it', (t) => {
  t.deepEqual(told(3_000_000_000, 2_999_000_000), [
    [
      'etcd02',
      'etcd raises the alarm NOSPACE',
      [
        'compact, defragment one member after another, and disarm it: provision maintain space a.yaml',
      ],
    ],
  ]);
});

test('clusterFindings(): an alarm whose cause is gone is only disarmed', (t) => {
  t.deepEqual(told(8_000_000_000, 2_999_000_000), [
    [
      'etcd02',
      'etcd raises the alarm NOSPACE; its database has space again',
      ['disarm it: provision maintain alarms a.yaml --disarm'],
    ],
  ]);
});
