import type { DesiredCluster } from '../../desired/cluster.ts';
import { bootstrapClusterId } from '../../etcd/identity.ts';
import { majorityOfComing } from '../../etcd/quorum.ts';
import type { RestoreFact } from '../../facts/data/restore.ts';
import type { RestoreIntent } from '../../facts/data/restore-intent.ts';
import type { RestoreOptions } from './restore-options.ts';

/** What a restore sets out to do, the same on every host. */
export type RestoreGoal = Omit<RestoreIntent, 'ran' | 'served'>;

/** The restore that was begun with this snapshot and not finished, else a fresh one. */
export function restoreGoal(
  desired: DesiredCluster,
  found: ReadonlyMap<string, RestoreFact>,
  options: RestoreOptions,
): RestoreGoal {
  return unfinished(desired, found, options) ?? freshGoal(desired, options);
}

/**
 * The restore of this very snapshot to these very members that was begun and not finished; the latest of several. Most
 * members must know of it: what one host alone was left with, after the others had gone back, is over.
 */
function unfinished(
  desired: DesiredCluster,
  found: ReadonlyMap<string, RestoreFact>,
  { source, bumpRevision }: RestoreOptions,
): RestoreGoal | undefined {
  const [latest] = [...found.values()]
    .flatMap(({ intent }) => intent ?? [])
    .filter(
      (intent) =>
        intent.snapshot === source.sha256 &&
        intent.bumpRevision === bumpRevision &&
        intent.clusterId === clusterIdOf(desired, intent.token) &&
        knowing(found, intent) >= majorityOfComing(desired),
    )
    .toSorted((a, b) => (a.began < b.began ? 1 : -1));
  if (latest === undefined) return undefined;
  const { ran: _ran, served: _served, ...goal } = latest;
  return goal;
}

function knowing(
  found: ReadonlyMap<string, RestoreFact>,
  { token, clusterId }: RestoreIntent,
): number {
  return [...found.values()].filter(
    ({ intent, placed }) => intent?.token === token || placed?.clusterId === clusterId,
  ).length;
}

function freshGoal(desired: DesiredCluster, options: RestoreOptions): RestoreGoal {
  return {
    ...{ cluster: desired.name, unit: desired.unit },
    token: options.freshToken,
    clusterId: clusterIdOf(desired, options.freshToken),
    members: desired.members.map(({ peerUrl }) => peerUrl),
    snapshot: options.source.sha256,
    bumpRevision: options.bumpRevision,
    began: options.began,
    ...(options.order && { order: options.order }),
  };
}

/**
 * The peer URLs of the list that the cluster of a restore begins with: as recorded, else of the inventory where that makes the
 * same cluster. Undefined where another inventory has begun it.
 */
export function begunWith(
  desired: Pick<DesiredCluster, 'members'>,
  { members, token, clusterId }: RestoreIntent,
): readonly string[] | undefined {
  if (members !== undefined) return members;
  const isOurs = clusterIdOf(desired, token) === clusterId;
  return isOurs ? desired.members.map(({ peerUrl }) => peerUrl) : undefined;
}

function clusterIdOf({ members }: Pick<DesiredCluster, 'members'>, token: string): string {
  return bootstrapClusterId(
    members.map(({ peerUrl }) => peerUrl),
    token,
  );
}
