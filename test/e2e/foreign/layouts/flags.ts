import { byCfssl, type CfsslPairs } from '../cfssl.ts';
import type { ForeignCluster, Layout } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { startTogether, untilServed } from '../start.ts';

const VERSION = '3.5.16';
const UNIT = '/etc/systemd/system/etcd.service';
const TLS = '/etc/etcd';

/** Every setting a quoted flag, also those that are empty; the log on a second disk, clear text on loopback. */
export const flags: Layout = {
  name: 'flags',
  whose: 'a role that writes quoted flags over many lines, the log on a second disk',
  build: async (site) => {
    const nodes = nodesOf(site, ['w1', 'w2', 'w3']);
    const pairs = await byCfssl(site.directory, {
      files: ['ca-etcd', 'cert-etcd'],
      hosts: [...nodes.flatMap(({ name, address }) => [name, address]), 'localhost', '127.0.0.1'],
      organisation: 'Kubernetes',
    });
    for (const { host, name, address } of nodes) {
      await putPrograms(host, VERSION, '/usr/local/bin');
      await copyTo(host, pairs.ca.certificate, `${TLS}/ca-etcd.pem`);
      await copyTo(host, pairs.ca.key, `${TLS}/ca-etcd-key.pem`, { mode: '640' });
      await copyTo(host, pairs.leaf.certificate, `${TLS}/cert-etcd.pem`);
      await copyTo(host, pairs.leaf.key, `${TLS}/cert-etcd-key.pem`, { mode: '640' });
      await onHost(host, 'install -d -m 700 /var/lib/etcd && mkdir -p /mnt/nvme');
      const values = { NAME: name, ADDRESS: address, CLUSTER: initialCluster(nodes, 'https') };
      await put(host, UNIT, await filled('flags/etcd.service', values));
    }
    await startTogether(nodes);
    return [await untilServed(described(nodes, pairs))];
  },
};

function described(nodes: readonly Node[], pairs: CfsslPairs): ForeignCluster {
  const tls = {
    ca: `${TLS}/ca-etcd.pem`,
    cert: `${TLS}/cert-etcd.pem`,
    key: `${TLS}/cert-etcd-key.pem`,
  };
  return {
    ...{ name: 'etcd', version: VERSION, token: 'etcd-cluster-0', ca: pairs.ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT], client: tls, peer: tls },
      ...{ program: '/usr/local/bin/etcd', account: 'root' },
      ...{ data: '/var/lib/etcd', wal: '/mnt/nvme/etcd-wal' },
      peerUrl: `https://${address}:2380`,
      clientUrls: [`https://${address}:2379`],
    })),
    clients: nodes.map(({ address }) => ({
      url: `https://${address}:2379`,
      caFile: pairs.ca.certificate,
      certFile: pairs.leaf.certificate,
      keyFile: pairs.leaf.key,
    })),
  };
}
