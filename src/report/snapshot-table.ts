import { basename } from 'node:path';
import Table from 'cli-table3';
import { describeBytes } from '../etcd/bytes.ts';
import { INVENTORY, provision } from '../problem/remedy.ts';
import { commandText } from '../problem/render.ts';
import type { StoredSnapshot } from '../snapshot/directory.ts';

const HEAD = ['FILE', 'TAKEN', 'FROM', 'ETCD', 'REVISION', 'KEYS', 'SIZE', 'RESTORABLE AS OF'];

/** The snapshots of a directory as a table, with what is wrong with any below it. */
export function describeSnapshots(
  directory: string,
  snapshots: readonly StoredSnapshot[],
  inventory: string,
): string {
  if (snapshots.length === 0) {
    return `${directory}: no snapshots; take one: ${commandText(provision('snapshot', 'save', INVENTORY), inventory)}`;
  }
  // Most directories hold one cluster's alone.
  const several = new Set(snapshots.map(clusterOf)).size > 1;
  const head = several ? [...HEAD, 'CLUSTER'] : HEAD;
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const snapshot of snapshots)
    table.push(several ? [...row(snapshot), clusterOf(snapshot)] : row(snapshot));
  const troubles = snapshots.flatMap(({ trouble }) => trouble ?? []);
  return [`${directory}:`, table.toString(), ...troubles].join('\n');
}

function clusterOf({ record }: StoredSnapshot): string {
  if (record === undefined) return '-';
  return record.clusterId === undefined ? record.cluster : `${record.cluster} ${record.clusterId}`;
}

function row({ path, size: bytes, takenAt, record, trouble, strange }: StoredSnapshot): string[] {
  if (strange !== undefined)
    return [basename(path), ...Array.from({ length: 6 }, () => '-'), `NOT: it ${strange}`];
  const drill = record?.drill;
  const proof =
    drill === undefined
      ? 'never tried'
      : drill.fault === undefined
        ? drill.at
        : `NOT: ${drill.fault}`;
  return [
    basename(path),
    takenAt.toISOString().replace('.000', ''),
    record?.member ?? '-',
    record?.etcd ?? '-',
    String(record?.revision ?? '-'),
    String(record?.keys ?? '-'),
    describeBytes(bytes),
    record === undefined ? (trouble === undefined ? 'no record' : 'record damaged') : proof,
  ];
}
