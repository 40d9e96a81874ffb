import { join } from 'node:path';
import { etcdPaths } from '../../../src/lab/etcd.ts';
import { run } from '../../../src/lab/local-command.ts';
import { betweenLeaders } from '../observer/between-leaders.ts';
import { type Endpoint, kvClient } from '../observer/kv-client.ts';
import type { TestLab } from './lab.ts';

/** A cluster on the first hosts of a lab. */
export interface Cluster {
  readonly lab: TestLab;
  /** Path of its inventory. */
  readonly inventory: string;
  readonly members: readonly { readonly name: string; readonly address: string }[];
  /** Directory of its PKI store. */
  readonly store: string;
  readonly protocol: 'http' | 'https';
}

export interface ClusterWish {
  readonly name?: string;
  /** What its inventory is called without its ending, where it is not the cluster's name. */
  readonly file?: string;
  readonly members?: number;
  readonly protocol?: 'http' | 'https';
  readonly version?: string;
  /** Laid over the inventory's own parts. */
  readonly etcd?: Readonly<Record<string, unknown>>;
  readonly change?: Readonly<Record<string, unknown>>;
}

/** Writes an inventory for the first hosts of the lab; nothing is done to them. */
export async function describeCluster(lab: TestLab, wish: ClusterWish = {}): Promise<Cluster> {
  const { name = 'proof', protocol = 'https', version = '3.5.30', etcd, change } = wish;
  const members = lab.hosts
    .slice(0, wish.members ?? lab.hosts.length)
    .map((host) => ({ name: host.name, address: host.address }));
  const text = JSON.stringify({
    cluster: name,
    protocol,
    etcd: { version, source: { directory: etcdPaths(version).programs }, ...etcd },
    ssh: { user: 'root', identityFile: lab.paths.identity, knownHosts: lab.paths.knownHosts },
    members,
    ...change,
  });
  const inventory = await lab.inventory(`${wish.file ?? name}.yaml`, text);
  return { lab, inventory, members, protocol, store: join(lab.paths.directory, `${name}.pki`) };
}

/** The members' client endpoints with the operator's certificate. */
export function endpoints(
  { members, protocol, store }: Pick<Cluster, 'members' | 'protocol' | 'store'>,
  port = 2379,
): readonly Endpoint[] {
  return members.map(({ address }) => ({
    url: `${protocol}://${address}:${port}`,
    ...(protocol === 'https' && {
      caFile: join(store, 'ca.crt'),
      certFile: join(store, 'admin.crt'),
      keyFile: join(store, 'admin.key'),
    }),
  }));
}

/** Writes through the first member and reads through every one; our own client, not the product, is what says so. */
export async function agreedValue(cluster: Cluster, value: string): Promise<readonly string[]> {
  const clients = endpoints(cluster).map(kvClient);
  try {
    await betweenLeaders(async () => clients[0]?.put('proof/value', value, 5_000));
    const reads = await Promise.all(
      clients.map((client) => betweenLeaders(() => client.range('proof/value', '', 1, 5_000))),
    );
    return reads.map((found) => found[0]?.value ?? 'nothing');
  } finally {
    for (const client of clients) client.close();
  }
}

/** Ends the cluster and everything up made on the hosts, and forgets its certificates. */
export async function purge({ lab, inventory, store }: Cluster, name = 'proof'): Promise<void> {
  const gone = await lab.provision(['down', inventory, '--purge', '--yes-purge', name]);
  if (gone.exitCode !== 0) throw new Error(gone.stdout + gone.stderr);
  await run('rm', ['-rf', store]);
}
