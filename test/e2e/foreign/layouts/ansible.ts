import { byCfssl, type CfsslPairs } from '../cfssl.ts';
import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, put, putPrograms } from '../on-host.ts';
import { startTogether, untilServed } from '../start.ts';

const NAMES = ['etcd-service1', 'etcd-service2', 'etcd-service3'];
// The post has 3.3.12; the last of 3.3 that can be had everywhere takes the same flags.
const VERSION = '3.3.25';
const UNIT = '/etc/systemd/system/etcd.service';
const TLS = '/etc/ssl/etcd';

/** Flags in a unit, as one playbook writes them, without TLS. */
export const ansibleHttp: Layout = {
  name: 'ansible-http',
  whose: 'a playbook whose unit has every setting as a flag, http',
  build: async (site) => {
    const nodes = await laidOut(site, VERSION);
    await writeUnits(nodes, 'http');
    await startTogether(nodes);
    return [await untilServed(described(nodes, 'http'))];
  },
};

/** The same with TLS: one certificate for all hosts, for clients and peers alike; clients need none. */
export const ansibleHttps: Layout = {
  name: 'ansible-https',
  whose: 'the same playbook with https: one certificate and key for all hosts',
  build: async (site) => {
    const nodes = await laidOut(site, VERSION);
    const pairs = await handOut(nodes, site);
    await writeUnits(nodes, 'https');
    await startTogether(nodes);
    return [await untilServed(described(nodes, 'https', pairs))];
  },
};

/** Hosts with the programs and nothing else. */
export async function laidOut(site: Site, version: string): Promise<readonly Node[]> {
  const nodes = nodesOf(site, NAMES);
  await Promise.all(nodes.map(({ host }) => putPrograms(host, version, '/usr/local/bin')));
  return nodes;
}

/** Makes the certificates and puts them on the hosts, where everybody on them may read the key. */
export async function handOut(nodes: readonly Node[], site: Site): Promise<CfsslPairs> {
  const pairs = await byCfssl(site.directory, {
    files: ['ca', 'etcd'],
    hosts: ['127.0.0.1', ...nodes.map(({ address }) => address)],
    organisation: 'etcd',
  });
  for (const { host } of nodes) {
    await copyTo(host, pairs.ca.certificate, `${TLS}/ca.pem`);
    await copyTo(host, pairs.leaf.certificate, `${TLS}/cert.pem`);
    await copyTo(host, pairs.leaf.key, `${TLS}/key.pem`);
  }
  return pairs;
}

/** Writes the unit of one protocol on every host, with further flags where told. */
export async function writeUnits(
  nodes: readonly Node[],
  protocol: 'http' | 'https',
  more = '',
): Promise<void> {
  for (const { host, name, address } of nodes) {
    const values = { NAME: name, ADDRESS: address, CLUSTER: initialCluster(nodes, protocol) };
    const unit = await filled(`ansible/${protocol}.service`, values);
    await put(host, UNIT, unit.replace('--election-timeout 5000', `$&${more}`));
  }
}

/** What was built, as data. */
export function described(
  nodes: readonly Node[],
  protocol: 'http' | 'https',
  pairs?: CfsslPairs,
  version = VERSION,
): ForeignCluster {
  const tls = { ca: `${TLS}/ca.pem`, cert: `${TLS}/cert.pem`, key: `${TLS}/key.pem` };
  return {
    name: 'etcd',
    version,
    token: 'etcd-cluster-1',
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT] },
      ...{ program: '/usr/local/bin/etcd', account: 'root', data: '/var/lib/etcd' },
      peerUrl: `${protocol}://${address}:2380`,
      clientUrls: [`${protocol}://${address}:2379`],
      ...(protocol === 'https' && { client: tls, peer: tls }),
    })),
    clients: nodes.map(({ address }) => ({
      url: `${protocol}://${address}:2379`,
      ...(pairs && {
        caFile: pairs.ca.certificate,
        certFile: pairs.leaf.certificate,
        keyFile: pairs.leaf.key,
      }),
    })),
    ...(pairs && { ca: pairs.ca }),
  };
}
