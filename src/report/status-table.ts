import Table from 'cli-table3';
import { describeBytes } from '../etcd/bytes.ts';
import { describeQuorum, type Quorum } from '../etcd/quorum.ts';
import type { Problem } from '../problem/problem.ts';
import { problemLines } from '../problem/render.ts';
import type { MemberStatus } from './status-rows.ts';

const HEAD = [
  'NAME',
  'ENDPOINT',
  'ID',
  'VERSION',
  'DB SIZE',
  'IN USE',
  'QUOTA',
  'LEADER',
  'LEARNER',
  'TERM',
  'INDEX',
  'APPLIED',
  'ERRORS',
  'UNIT',
  'CERT DAYS',
];

/** The status as etcdctl's own table shows it, with unit and certificates beside; troubles follow as sentences. */
export function describeStatus(
  cluster: string,
  rows: readonly MemberStatus[],
  quorum?: Quorum,
): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rows) {
    table.push([
      row.name,
      row.endpoints.join('\n'),
      row.id ?? '-',
      row.version ?? '-',
      bytes(row.dbSize),
      bytes(row.dbSizeInUse),
      row.quota === null ? 'none' : bytes(row.quota),
      show(row.isLeader),
      show(row.isLearner),
      show(row.raftTerm),
      show(row.raftIndex),
      show(row.raftAppliedIndex),
      row.errors.join(' ') || '',
      row.unit ?? '-',
      show(row.certificateDays),
    ]);
  }
  const troubles = rows.flatMap(({ name, trouble }) =>
    trouble === undefined ? [] : [`${name}: ${trouble}`],
  );
  const healthy = rows.filter((row) => row.healthy).length;
  return [
    table.toString(),
    ...troubles,
    `${cluster}: ${healthy} of ${rows.length} members answer a linearizable read${quorum === undefined ? '' : `; ${describeQuorum(quorum)}`}`,
    ...(rows.some(({ asksForUser }) => asksForUser)
      ? [
          'authentication is on, and asks for a user: status, doctor and up work without one; keys, data comparison and snapshots need one with the role root',
        ]
      : []),
  ].join('\n');
}

function show(value: boolean | number | undefined): string {
  return value === undefined ? '-' : String(value);
}

function bytes(value: number | undefined): string {
  return value === undefined ? '-' : describeBytes(value);
}

/** The table, below it each problem with what to do, at last what else is to be known. */
export function statusText(
  table: string,
  problems: readonly Pick<Problem, 'sentence' | 'next'>[],
  rest: readonly string[],
  inventory: string,
): string {
  const told = problems.flatMap((one) => problemLines(one, { inventory }));
  return [table, ...told, ...rest].join('\n');
}
