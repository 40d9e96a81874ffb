import { basename } from 'node:path';
import { isNamesake, type Origin } from '../desired/origin.ts';
import type { StoredSnapshot } from './directory.ts';

type Named = Pick<StoredSnapshot, 'path' | 'record' | 'strange'>;

const TIME = /^\d{8}T\d{6}Z\.db(\.age)?$/;

/**
 * Whether a snapshot is of this cluster: by the name and, where they are known, the cluster id and the peer URLs in its
 * record, else by the name of its file.
 */
export function isOf(cluster: Origin, { path, record, strange }: Named): boolean {
  if (strange !== undefined) return false;
  if (record === undefined) return isNamedAfter(cluster.name, path);
  return record.cluster === cluster.name && !isNamesake(cluster, record);
}

/** The cluster with the ids that it has in snapshots of members which the inventory has: others with these ids were taken before a move. */
export function withOwnIds(
  cluster: Origin,
  snapshots: readonly Pick<StoredSnapshot, 'record'>[],
): Origin {
  const ids = snapshots.flatMap(({ record }) =>
    record?.cluster !== cluster.name || record.peers === undefined || isNamesake(cluster, record)
      ? []
      : (record.clusterId ?? []),
  );
  return { ...cluster, ids: new Set(ids) };
}

/** Whether a file has the name that a snapshot of the cluster gets, or a part of one. */
export function isNamedAfter(cluster: string, path: string): boolean {
  const name = basename(path).replace(/\.part$/, '');
  return name.startsWith(`${cluster}-`) && TIME.test(name.slice(cluster.length + 1));
}
