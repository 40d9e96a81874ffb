import type { Inventory } from '../inventory/schema.ts';
import { peerUrl } from './member-settings.ts';

/** What tells a cluster from another one that may have the same name. */
export interface Origin {
  readonly name: string;
  /** Peer URLs of its members. */
  readonly peers: readonly string[];
  /** Cluster ids that are known to be its own, whatever addresses its members had: moves keep them. */
  readonly ids?: ReadonlySet<string> | undefined;
}

/** Where a snapshot comes from, as far as it is recorded. */
interface Recorded {
  readonly cluster?: string | undefined;
  readonly clusterId?: string | undefined;
  readonly peers?: readonly string[] | undefined;
}

/**
 * Whether a record is of another cluster of this name: it has an id that is not known as ours, and none of its members has the
 * address of one of ours.
 */
export function isNamesake({ name, peers, ids }: Origin, record: Recorded): boolean {
  if (record.cluster !== name || record.peers === undefined) return false;
  if (record.clusterId !== undefined && ids?.has(record.clusterId)) return false;
  const ours = new Set(peers.map(placeOf));
  return !record.peers.some((url) => ours.has(placeOf(url)));
}

/** Address and port: the scheme may have been switched since. */
function placeOf(url: string): string {
  return url.slice(url.indexOf(':'));
}

/** What tells the cluster of an inventory from others. */
export function originOf(inventory: Inventory): Origin {
  return {
    name: inventory.cluster,
    peers: inventory.members.map((one) => peerUrl(inventory, one)),
  };
}
