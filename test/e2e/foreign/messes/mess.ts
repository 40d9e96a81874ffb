import { type Endpoint, type KeyValue, kvClient } from '../../observer/kv-client.ts';
import type { ForeignCluster, Site } from '../cluster.ts';
import { described, laidOut, writeUnits } from '../layouts/ansible.ts';
import type { Node } from '../node.ts';
import { startTogether, untilServed } from '../start.ts';

/** What somebody's hands left of a cluster. */
export interface Messy {
  /** As its owner thinks it is. */
  readonly cluster: ForeignCluster;
  /** Names of members that are not what they are said to be, or do not run. */
  readonly broken: readonly string[];
  /** Acknowledged before the mess was made: what a way out must bring back. */
  readonly written: readonly KeyValue[];
}

/** A way in which people out there spoil a cluster. */
export interface Mess {
  readonly name: string;
  readonly how: string;
  /** What etcd says of it in the journal of each broken member. */
  readonly says?: RegExp;
  /** Builds the cluster and spoils it. */
  make(site: Site): Promise<Messy>;
}

/** A cluster of three without TLS, all settings flags, which works so far. */
export async function plainCluster(
  site: Site,
  version: string,
  more = '',
): Promise<{ readonly nodes: readonly Node[]; readonly cluster: ForeignCluster }> {
  const nodes = await laidOut(site, version);
  await writeUnits(nodes, 'http', more);
  await startTogether(nodes);
  return { nodes, cluster: await untilServed(described(nodes, 'http', undefined, version)) };
}

/** Fewer than the listeners that node has on one connection without a complaint. */
const AT_ONCE = 8;

/** Writes so many keys under a prefix through one member and returns them once all are acknowledged. */
export async function write(
  endpoint: Endpoint | undefined,
  prefix: string,
  count: number,
): Promise<readonly KeyValue[]> {
  if (endpoint === undefined) throw new TypeError('nowhere to write');
  const client = kvClient(endpoint);
  const pairs = Array.from({ length: count }, (_, at) => ({
    key: `${prefix}/${String(at).padStart(4, '0')}`,
    value: `${prefix} ${at}`,
  }));
  try {
    for (let at = 0; at < count; at += AT_ONCE)
      await Promise.all(
        pairs.slice(at, at + AT_ONCE).map(({ key, value }) => client.put(key, value, 10_000)),
      );
  } finally {
    client.close();
  }
  return pairs;
}
