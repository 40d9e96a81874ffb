import { randomBytes } from 'node:crypto';
import type { ForeignCluster, Layout } from '../cluster.ts';
import { runContainer } from '../container.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { put } from '../on-host.ts';
import { untilServed } from '../start.ts';

const VERSION = '3.5.16';
const TOKEN = 'my-etcd-token';
const ROOT = '/var/lib/docker/overlay2/etcd/merged';

/** `docker run` as etcd's own page has it: the host's network and a directory of the host for data. */
export const docker: Layout = {
  name: 'docker',
  whose: 'docker run with the network of the host',
  build: async (site) => {
    const nodes = nodesOf(site, ['etcd-node-0', 'etcd-node-1', 'etcd-node-2']);
    const members: { readonly node: Node; readonly file: string }[] = [];
    for (const node of nodes) {
      const { host, name, address } = node;
      const id = randomBytes(32).toString('hex');
      const command = [
        ...['/usr/local/bin/etcd', '--data-dir=/etcd-data', '--name', name],
        ...['--initial-advertise-peer-urls', `http://${address}:2380`],
        ...['--listen-peer-urls', 'http://0.0.0.0:2380'],
        ...['--advertise-client-urls', `http://${address}:2379`],
        ...['--listen-client-urls', 'http://0.0.0.0:2379'],
        ...['--initial-cluster', initialCluster(nodes, 'http')],
        ...['--initial-cluster-state', 'new', '--initial-cluster-token', TOKEN],
      ];
      const place = `/var/lib/docker/containers/${id}`;
      const file = `${place}/config.v2.json`;
      const [Path, ...Args] = command;
      const config = {
        ...{ ID: id, Name: '/etcd', Path, Args },
        Config: { Image: `quay.io/coreos/etcd:v${VERSION}` },
        MountPoints: { '/etcd-data': { Source: '/var/lib/etcd', Destination: '/etcd-data' } },
      };
      await put(host, file, JSON.stringify(config), { mode: '600' });
      await runContainer(host, {
        ...{ id, slice: 'system.slice', scope: `docker-${id}.scope`, root: ROOT },
        ...{ version: VERSION, mounts: [['/var/lib/etcd', '/etcd-data']], command },
        log: `${place}/${id}-json.log`,
      });
      members.push({ node, file });
    }
    return [await untilServed(described(members))];
  },
};

function described(
  members: readonly { readonly node: Node; readonly file: string }[],
): ForeignCluster {
  return {
    ...{ name: 'etcd', version: VERSION, token: TOKEN },
    members: members.map(({ node: { host, name, address }, file }) => ({
      ...{ host, name, files: [file], account: 'root', data: '/var/lib/etcd' },
      program: `${ROOT}/usr/local/bin/etcd`,
      peerUrl: `http://${address}:2380`,
      clientUrls: [`http://${address}:2379`],
    })),
    clients: members.map(({ node: { address } }) => ({ url: `http://${address}:2379` })),
  };
}
