import { parse } from 'lossless-json';
import * as z from 'zod';
import { type Argument, type Command, sh } from '../shell/command.ts';
import { parseInteger } from './answers.ts';
import { etcdctlReadsToo, snapshotTool } from './versions.ts';

/** What etcd's own tool says of a snapshot file after it walked through its database. */
export interface SnapshotStatus {
  readonly revision: number;
  /** Which keys are counted differs by version (3.6 counts living keys, earlier ones every entry of the database). */
  readonly totalKeys: number;
  /** Of the database, without the checksum behind it; bytes. */
  readonly size: number;
}

/** What a member is made from. */
export interface RestoreOrder {
  readonly snapshot: string;
  readonly name: string;
  readonly peerUrl: string;
  /** `name=url` with commas between. */
  readonly initialCluster: string;
  readonly token: string;
  readonly data: string;
  /** Where the log goes, if not into the data. */
  readonly wal?: string;
  /** How far the revision is moved on, everything before it marked as compacted (etcd-facts §4.4); 0 leaves it. */
  readonly bumpRevision: number;
  /** The file is a bare database that carries no checksum. */
  readonly skipHashCheck: boolean;
}

/** Asks the tool in the directory what is in a snapshot file. */
export function snapshotStatusCommand(directory: Argument, version: string, file: string): Command {
  return tool(directory, version, ['snapshot', 'status', file, '-w', 'json']);
}

/** Has the tool in the directory make a data directory from a snapshot; it must not exist yet. */
export function snapshotRestoreCommand(
  directory: Argument,
  version: string,
  order: RestoreOrder,
): Command {
  return tool(directory, version, [
    'snapshot',
    'restore',
    order.snapshot,
    `--name=${order.name}`,
    `--initial-cluster=${order.initialCluster}`,
    `--initial-cluster-token=${order.token}`,
    `--initial-advertise-peer-urls=${order.peerUrl}`,
    `--data-dir=${order.data}`,
    ...(order.wal === undefined ? [] : [`--wal-dir=${order.wal}`]),
    ...(order.skipHashCheck ? ['--skip-hash-check'] : []),
    ...(order.bumpRevision > 0
      ? [`--bump-revision=${order.bumpRevision}`, '--mark-compacted']
      : []),
  ]);
}

const status = z.object({
  revision: z.bigint().transform(Number),
  totalKey: z.bigint().transform(Number),
  totalSize: z.bigint().transform(Number),
});

/** What `snapshot status -w json` says; throws when it is not that. */
export function readSnapshotStatus(json: string): SnapshotStatus {
  const { revision, totalKey, totalSize } = status.parse(parse(json, undefined, parseInteger));
  return { revision, totalKeys: totalKey, size: totalSize };
}

const range = z.object({ count: z.bigint().transform(Number).default(0) });

/** How many keys there are, asked of the whole keyspace; `--count-only` came with 3.5, the count is in every answer. */
export function countArguments(revision?: number): readonly string[] {
  const at = revision === undefined ? [] : [`--rev=${revision}`];
  return ['get', '', '--prefix', '--keys-only', '--limit=1', ...at, '-w', 'json'];
}

/** The number of keys that the answer to `countArguments` says; throws when it is not such an answer. */
export function readCount(json: string): number {
  return range.parse(parse(json, undefined, parseInteger)).count;
}

function tool(directory: Argument, version: string, args: readonly Argument[]): Command {
  const words = args.reduce<Command>((built, arg) => sh`${built} ${arg}`, sh``);
  const name = snapshotTool(version);
  const program = etcdctlReadsToo(version)
    ? sh`"$(for program in ${directory}/${name} ${directory}/etcdctl; do [ ! -x "$program" ] || break; done; echo "$program")"`
    : sh`${directory}/${name}`;
  return sh`env -i PATH=/usr/bin:/bin ETCDCTL_API=3 ${program}${words}`;
}
