import type { DesiredCluster } from '../../desired/cluster.ts';
import { readGatewayHash, type StoreHash } from '../../etcd/answers.ts';
import { hashRequest } from '../../etcd/gateway.ts';
import type { Host } from '../../host/host.ts';
import type { MemberFacts } from '../member.ts';
import { askThrough } from './ask-gateway.ts';
import { differenceOf } from './hashes.ts';

/** Hashing reads every key: a larger database is left to doctor. */
const LARGEST = 64 * 1_048_576;

/** Whether members hold the same, or what they say instead; unknown where they cannot be compared that fast. */
export type QuickComparison = 'same' | 'unknown' | { readonly difference: string };

/**
 * Compares what members hold by hashes that their gateways give within a second; unknown where a database is large, where
 * they are of several clusters, or where one does not answer.
 */
export async function quickDifference(
  cluster: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ReadonlyMap<string, MemberFacts>,
  store: string,
): Promise<QuickComparison> {
  const statuses = [...facts].flatMap(([name, { etcd }]) =>
    etcd.healthy && etcd.status !== undefined ? [{ name, ...etcd.status }] : [],
  );
  const isSmall = statuses.every(({ dbSize }) => dbSize <= LARGEST);
  const isOne = new Set(statuses.map(({ clusterId }) => clusterId)).size === 1;
  if (statuses.length < 2 || !isSmall || !isOne) return 'unknown';
  const revision = Math.min(...statuses.map((one) => one.revision));
  // Some may run an older one yet.
  const requests = statuses.map((one) => hashRequest(one.version, revision));
  const [request] = requests;
  if (request === undefined || requests.includes(undefined)) return 'unknown';
  // One after another: reading all keys ends a member whose database is damaged, and of those one is enough.
  const known: (StoreHash & { readonly name: string })[] = [];
  for (const { name } of statuses) {
    const host = hosts.get(name);
    const member = cluster.members.find((one) => one.name === name);
    if (host === undefined || member === undefined) return 'unknown';
    const hash = await askThrough(host, cluster, member, store, [request], ([answer = '']) =>
      readGatewayHash(answer),
    );
    if (hash === undefined) return 'unknown';
    known.push({ name, ...hash });
  }
  // Hashes are only comparable at the same compact revision (etcd-facts §8.2).
  const compacted = new Set(known.map(({ compactRevision }) => compactRevision));
  if (compacted.size !== 1) return 'unknown';
  const difference = differenceOf(new Map(known.map(({ name, hash }) => [name, hash])), revision);
  return difference === undefined ? 'same' : { difference };
}
