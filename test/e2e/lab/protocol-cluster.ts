import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import type { Endpoint } from '../observer/kv-client.ts';
import { endpoints } from './cluster.ts';
import type { TestLab } from './lab.ts';

/** A cluster on the hosts of a lab, described once for each protocol. */
export interface ProtocolCluster {
  readonly name: string;
  readonly store: string;
  /** Inventory file that says http or https. */
  readonly inventory: Readonly<Record<'http' | 'https', string>>;
  /** Where clients reach it by that protocol. */
  readonly endpoints: (protocol: 'http' | 'https', port?: number) => readonly Endpoint[];
  /** Removes it from the hosts, with data and certificates. */
  readonly purge: () => Promise<void>;
}

/** What a cluster of both protocols is to be. */
export interface ProtocolWish {
  readonly etcd: string;
  /** How many of the lab's hosts; all unless told. */
  readonly count?: number;
  /** Further lines of the inventory, at its top level. */
  readonly more?: string;
}

/** Writes the inventories of a cluster beside the lab's own. */
export async function protocolCluster(lab: TestLab, wish: ProtocolWish): Promise<ProtocolCluster> {
  const { programs } = await ensureEtcd(wish.etcd, () => {});
  const name = `c${wish.etcd.replaceAll('.', '-')}`;
  const store = join(lab.paths.directory, `${name}.pki`);
  const hosts = lab.hosts.slice(0, wish.count ?? lab.hosts.length);
  const own = await readFile(lab.paths.inventory, 'utf8');
  const ssh = /^ssh:\n(?: {2}.*\n)+/m.exec(own)?.[0] ?? '';
  const text = (protocol: string) => `cluster: ${name}
protocol: ${protocol}
etcd:
  version: ${wish.etcd}
  source: { directory: ${JSON.stringify(programs)} }
${ssh}${wish.more ?? ''}members:
${hosts.map((host) => `  - { name: ${host.name}, address: ${host.address} }`).join('\n')}
`;
  const inventory = {
    http: await lab.inventory(`${name}-http.yaml`, text('http')),
    https: await lab.inventory(`${name}-https.yaml`, text('https')),
  };
  return {
    name,
    store,
    inventory,
    endpoints: (protocol, port) => endpoints({ members: hosts, protocol, store }, port),
    purge: async () => {
      await lab.provision(['down', inventory.http, '--purge', '--yes-purge', name]);
      await rm(store, { recursive: true, force: true });
    },
  };
}
