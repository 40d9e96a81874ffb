import { randomBytes } from 'node:crypto';
import type { DesiredCluster } from '../desired/cluster.ts';
import { programsAt } from '../desired/programs.ts';
import {
  readSnapshotStatus,
  type SnapshotStatus,
  snapshotStatusCommand,
} from '../etcd/snapshot-tool.ts';
import { snapshotTool } from '../etcd/versions.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { sh } from '../shell/command.ts';
import { slowestSeconds } from './require-space.ts';
import { type Shipment, uploadSnapshot } from './upload.ts';

/** What etcd's own tool on a member says of a snapshot. */
export interface Inspection {
  readonly member: string;
  readonly tool: string;
  readonly version: string;
  readonly status: SnapshotStatus;
}

/** Brings the snapshot to a member, has etcd's own tool walk through it there, and removes it. Throws a Failure. */
export async function inspectOn(
  host: Host,
  { version, paths }: Pick<DesiredCluster, 'version' | 'paths'>,
  shipment: Shipment,
): Promise<Inspection> {
  const place = `${paths.snapshots}/.looking-${randomBytes(6).toString('hex')}`;
  const file = `${place}/snapshot.db`;
  try {
    await uploadSnapshot(host, file, 'root:root', shipment, { spaceBeside: 0 });
    const { exitCode, stdout, stderr } = await host.run(
      snapshotStatusCommand(programsAt(paths), version, file),
      { deadline: slowestSeconds(shipment.size) },
    );
    if (exitCode !== 0) throw unreadable(host, version, stderr);
    return {
      member: host.name,
      tool: snapshotTool(version),
      version,
      status: readSnapshotStatus(stdout),
    };
  } finally {
    await must(host, `remove ${place}`, sh`rm -rf ${place}`);
  }
}

// What damaged pages make of the tool is a crash with a page of goroutines.
function unreadable(host: Host, version: string, said: string): Failure {
  const [first = 'no reason'] = said.split('\n').filter((line) => line !== '');
  return new Failure(
    'failed',
    `${host.name}: ${snapshotTool(version)} ${version} cannot read the database in the snapshot: ${first.slice(0, 200)}`,
    {
      log: said,
      next: [remedy`use another snapshot: ${provision('snapshot', 'list', INVENTORY)}`],
    },
  );
}
