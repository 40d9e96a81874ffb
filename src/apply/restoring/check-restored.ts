import { type OwnPlaces, ownEtcd } from '../../desired/access.ts';
import type { RestorePlaces } from '../../desired/restoring.ts';
import { isDenied } from '../../etcd/denied.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { countArguments, readCount, readSnapshotStatus } from '../../etcd/snapshot-tool.ts';
import { askStatus } from '../../facts/etcd/ask-status.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';

export interface RestoredFigures {
  readonly own: OwnPlaces;
  readonly places: RestorePlaces;
  readonly bumpRevision: number;
  readonly keys: number | undefined;
}

/**
 * Compares what a restored member serves with what etcd's tool said of the snapshot on this host: its revision must not be
 * lower, and at that revision there must be as many keys as were recorded. What was compared before a run was killed is
 * gone, and so is what has been compacted since. Throws a Failure.
 */
export async function checkRestored(
  host: Host,
  { own, places, bumpRevision, keys }: RestoredFigures,
): Promise<void> {
  const said = await host.run(sh`cat ${places.status}`);
  if (said.exitCode !== 0) return;
  const expected = readSnapshotStatus(said.stdout).revision + bumpRevision;

  const { status, result } = await askStatus(host, own);
  // With etcd's authentication on, late patches say their status to users only.
  if (result.exitCode !== 0 && isDenied(result.stderr)) return;
  if (status === undefined) throw new HostError(host.name, 'ask for its revision', result);
  const { revision } = status;
  if (revision < expected) throw less(host, `revision ${revision}, the snapshot has ${expected}`);

  if (keys === undefined) return;
  const answer = await host.run(ownEtcdctl(ownEtcd(own), countArguments(expected), 30));
  const why = `${answer.stdout}${answer.stderr}`;
  if (isDenied(why) || why.includes('has been compacted')) return;
  if (answer.exitCode !== 0) throw less(host, `does not count its keys: ${why.trim().slice(-200)}`);
  const found = readCount(answer.stdout);
  if (found !== keys) {
    throw less(host, `has ${found} keys at revision ${expected}, the snapshot had ${keys}`);
  }
}

function less(host: Host, what: string): Failure {
  return new Failure('failed', `${host.name}: is not what the snapshot was: ${what}`, {
    next: [
      remedy`the former data is kept beside; take it back with ${provision('restore', INVENTORY, '--undo')}`,
    ],
  });
}
