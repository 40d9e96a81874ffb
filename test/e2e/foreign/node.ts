import type { LabHost } from '../../../src/lab/host.ts';
import type { Site } from './cluster.ts';

/** A host and what its owner calls the member on it. */
export interface Node {
  readonly host: LabHost;
  readonly name: string;
  readonly address: string;
}

/** The first hosts of a site under these names. */
export function nodesOf({ hosts }: Site, names: readonly string[]): readonly Node[] {
  return names.map((name, at) => {
    const host = hosts[at];
    if (host === undefined) throw new TypeError(`a site of ${names.length} hosts`);
    return { host, name, address: host.address };
  });
}

/** What etcd is told by --initial-cluster. */
export function initialCluster(
  nodes: readonly Node[],
  protocol: 'http' | 'https',
  port = 2380,
): string {
  return nodes.map(({ name, address }) => `${name}=${protocol}://${address}:${port}`).join(',');
}
