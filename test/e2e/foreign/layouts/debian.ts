import type { ForeignCluster, Layout } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { onHost, put, putPrograms } from '../on-host.ts';
import { startTogether, untilServed } from '../start.ts';

const VERSION = '3.4.23';
const UNIT = '/lib/systemd/system/etcd.service';
const CONF = '/etc/default/etcd';

/** Debian's package, its variables filled in by hand for Patroni, which wrote by the old API once. */
export const debian: Layout = {
  name: 'debian',
  whose: "Debian's etcd-server with /etc/default/etcd",
  build: async (site) => {
    const nodes = nodesOf(site, ['pg-a', 'pg-b', 'pg-c']);
    const [FIRST = '', SECOND = '', THIRD = ''] = initialCluster(nodes, 'http').split(',');
    for (const { host, name, address } of nodes) {
      // The name of the member is the host's.
      await onHost(host, `echo ${name} > /etc/hostname && hostname ${name}`);
      await install(host);
      const values = { ADDRESS: address, FIRST, SECOND, THIRD };
      await put(host, CONF, await filled('debian/etcd.default', values));
    }
    await startTogether(nodes);
    const cluster = await untilServed(described(nodes));
    await writeByOldApi(nodes);
    return [cluster];
  },
};

/** Installs a package of the name, files and account of Debian's: dpkg owns them. */
async function install(host: Node['host']): Promise<void> {
  const package_ = '/var/tmp/etcd-server';
  const files = {
    'lib/systemd/system/etcd.service': 'etcd.service',
    'etc/default/etcd': 'package.default',
  };
  for (const [path, file] of Object.entries(files))
    await put(host, `${package_}/${path}`, await filled(`debian/${file}`));
  await put(host, `${package_}/DEBIAN/conffiles`, `${CONF}\n`);
  await put(host, `${package_}/DEBIAN/control`, await filled('debian/control', { VERSION }));
  await put(host, `${package_}/DEBIAN/postinst`, await filled('debian/postinst'), { mode: '755' });
  await putPrograms(host, VERSION, `${package_}/usr/bin`);
  await onHost(
    host,
    `dpkg-deb -Znone --build ${package_} ${package_}.deb && dpkg --install ${package_}.deb && rm -r ${package_} ${package_}.deb`,
  );
}

async function writeByOldApi(nodes: readonly Node[]): Promise<void> {
  const url = `http://${nodes[0]?.address}:2379/v2/keys/service/pg/leader`;
  const answer = await fetch(url, { method: 'PUT', body: new URLSearchParams({ value: 'pg-a' }) });
  if (answer.status !== 201) throw new Error(`${url}: ${await answer.text()}`);
}

function described(nodes: readonly Node[]): ForeignCluster {
  return {
    ...{ name: 'pg', version: VERSION, token: 'pg' },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, CONF] },
      ...{ program: '/usr/bin/etcd', account: 'etcd', data: '/var/lib/etcd/default' },
      peerUrl: `http://${address}:2380`,
      clientUrls: [`http://${address}:2379`],
    })),
    clients: nodes.map(({ address }) => ({ url: `http://${address}:2379` })),
  };
}
