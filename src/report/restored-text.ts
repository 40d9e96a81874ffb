import type { ClusterFacts } from '../facts/cluster.ts';
import type { RestoreFact } from '../facts/data/restore.ts';
import { allFound } from '../observed/found.ts';
import { someoneAnswers } from '../observed/observed.ts';
import type { RestoreSource } from '../plan/restoring/restore-options.ts';
import { INVENTORY, provision } from '../problem/remedy.ts';
import { commandText } from '../problem/render.ts';

/** What of the cluster as it is now a restore takes. */
export function lossText(
  { members }: ClusterFacts,
  restores: ReadonlyMap<string, RestoreFact>,
  { revision, name, sha256 }: RestoreSource,
): string {
  const goesOn = [...restores.values()].some(
    ({ intent, placed, led }) =>
      led && intent?.snapshot === sha256 && placed?.clusterId === intent.clusterId,
  );
  if (goesOn) return 'the restored cluster goes on: what was written to it since is kept';
  const known = allFound({ members }).flatMap(({ etcd }) => etcd.status?.revision ?? []);
  const now = Math.max(...known);
  if (known.length === 0)
    return 'the cluster does not answer now: what it holds beyond the snapshot is unknown';
  if (!someoneAnswers({ members }))
    return `the cluster has no quorum now; who can be asked is at revision ${now}: what others acknowledged beyond it is unknown`;
  if (revision === undefined)
    return `the cluster answers now, at revision ${now}; the revision of ${name} is not recorded`;
  return `the cluster answers now, at revision ${now}; everything written since revision ${revision} will be gone from it`;
}

/** A restored cluster: what it holds now, and what is to be done next. */
export function restoredText(
  { json, inventory }: { readonly json: boolean; readonly inventory: string },
  source: RestoreSource,
  { members }: ClusterFacts,
  { seconds, compared }: { readonly seconds: number; readonly compared: 'same' | 'denied' },
): string {
  const status = allFound({ members })[0]?.etcd.status;
  const { name, keys } = source;
  const first = allFound({ members })[0];
  const clusterId = status?.clusterId ?? first?.data?.wal?.clusterId ?? '';
  // Unknown where etcd's authentication is on and does not tell.
  const revision = status?.revision;
  if (json) return JSON.stringify({ restored: name, clusterId, revision, keys, seconds });
  const figures =
    keys === undefined || compared === 'denied'
      ? 'revision compared'
      : `revision and ${keys} keys compared`;
  const alike = compared === 'same' ? ', all members hold the same' : '';
  const figured = revision === undefined ? '' : `, revision ${revision}, ${figures}${alike}`;
  return [
    `restored from ${name}: cluster id ${clusterId}${figured} (${seconds.toFixed(1)} s)`,
    `the former data lies beside the data directories; restart everything that watches or caches: apiservers, controllers, schedulers, kubelets`,
    `next: ${commandText(provision('snapshot', 'save', INVENTORY), inventory)}`,
  ].join('\n');
}
