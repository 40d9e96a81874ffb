import Table from 'cli-table3';
import { describeQuorum, type Quorum } from '../etcd/quorum.ts';
import type { Problem } from '../problem/problem.ts';
import { problemLines } from '../problem/render.ts';
import type { MemberRow } from './member-rows.ts';

const HEAD = ['NAME', 'INVENTORY', 'ID', 'PEER URL', 'ROLE', 'STATE'];

/** The list of members as a table, what it means for the quorum, and each problem with what to do. */
export function describeMembers(
  { cluster, clusterId, quorum }: { cluster: string; clusterId: string; quorum: Quorum },
  rows: readonly MemberRow[],
  problems: readonly Problem[],
  inventory: string,
): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const row of rows)
    table.push([
      row.name || '-',
      row.inventory ?? 'not in it',
      row.id ?? 'not listed',
      row.peerUrls.join('\n'),
      row.role ?? '-',
      row.state,
    ]);
  return [
    table.toString(),
    `${cluster}: cluster id ${clusterId}; ${describeQuorum(quorum)}`,
    ...problems.flatMap((one) => problemLines(one, { inventory })),
  ].join('\n');
}
