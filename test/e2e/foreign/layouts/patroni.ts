import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';
import { startTogether, untilServed } from '../start.ts';

const VERSION = '3.5.16';
const UNIT = '/etc/systemd/system/etcd.service';
const CONF = '/etc/etcd/etcd.conf';
const TLS = '/etc/etcd/tls';
const DAYS = 3650;

/** etcd beside Patroni, whose configuration names its certificate; Patroni itself is not there. */
export const patroni: Layout = {
  name: 'patroni',
  whose: 'a collection for Patroni: variables, one pair for all hosts, the log on a second disk',
  build: async (site) => {
    const nodes = nodesOf(site, ['pgnode01', 'pgnode02', 'pgnode03']);
    const { ca, server } = await certify(nodes, site);
    const HOSTS = nodes.map(({ address }) => `${address}:2379`).join(',');
    for (const { host, name, address } of nodes) {
      await onHost(
        host,
        `useradd --user-group --home-dir /var/lib/etcd --shell /usr/sbin/nologin etcd
useradd --system --user-group --home-dir /var/lib/postgresql postgres
install -d -m 700 -o etcd /var/lib/etcd /mnt/nvme/etcd`,
      );
      await putPrograms(host, VERSION, '/usr/local/bin');
      for (const [directory, owner] of [
        [TLS, 'etcd'],
        ['/etc/patroni/tls/etcd', 'postgres'],
      ] as const) {
        await copyTo(host, ca.certificate, `${directory}/ca.crt`, { owner });
        await copyTo(host, server.certificate, `${directory}/server.crt`, { owner });
        await copyTo(host, server.key, `${directory}/server.key`, { mode: '400', owner });
      }
      const values = { NAME: name, ADDRESS: address, HOSTS };
      await put(host, '/etc/patroni/patroni.yml', await filled('patroni/patroni.yml.in', values));
      const CLUSTER = initialCluster(nodes, 'https');
      await put(host, CONF, await filled('patroni/etcd.conf', { ...values, CLUSTER }));
      await put(host, UNIT, await filled('patroni/etcd.service'));
    }
    await startTogether(nodes);
    return [await untilServed(described(nodes, ca, server))];
  },
};

async function certify(nodes: readonly Node[], { directory }: Site) {
  const subject = '/CN=PostgreSQL HA Cluster CA';
  const ca = await caBy(directory, { files: ['ca.crt', 'ca.key'], subject, days: DAYS });
  const names = ['localhost', ...nodes.map(({ name }) => name)];
  const addresses = ['127.0.0.1', ...nodes.map(({ address }) => address)];
  const server = await signedBy(ca, directory, {
    files: ['server.crt', 'server.key'],
    subject: '/CN=etcd',
    days: DAYS,
    extensions: [`subjectAltName=${altNames(names, addresses)}`],
  });
  return { ca, server };
}

function described(nodes: readonly Node[], ca: Pair, server: Pair): ForeignCluster {
  const tls = { ca: `${TLS}/ca.crt`, cert: `${TLS}/server.crt`, key: `${TLS}/server.key` };
  return {
    ...{ name: 'postgres', version: VERSION, token: 'etcd-postgres-cluster', ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, CONF], client: tls, peer: tls },
      ...{ program: '/usr/local/bin/etcd', account: 'etcd' },
      ...{ data: '/var/lib/etcd', wal: '/mnt/nvme/etcd/wal' },
      peerUrl: `https://${address}:2380`,
      clientUrls: [`https://${address}:2379`],
    })),
    clients: nodes.map(({ address }) => ({
      url: `https://${address}:2379`,
      caFile: ca.certificate,
      certFile: server.certificate,
      keyFile: server.key,
    })),
  };
}
