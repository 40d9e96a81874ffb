import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';
import { startTogether, untilServed } from '../start.ts';

const VERSION = '3.4.23';
const UNIT = '/etc/systemd/system/etcd.service';
const CONF = '/etc/etcd/etcd.yml';
const TLS = '/srv/etcd/tls';
const DAYS = 730;

/** A YAML file half of which nobody reads: peers trust whoever comes, and their certificates are etcd's own. */
export const yaml: Layout = {
  name: 'yaml',
  whose: 'a YAML file whose peer keys are misspelt, so that peers have auto-TLS',
  build: async (site) => {
    const nodes = nodesOf(site, ['m1', 'm2', 'm3']);
    for (const { host, name, address } of nodes) {
      await onHost(host, 'useradd --system --user-group --home-dir /var/lib/postgresql postgres');
      await putPrograms(host, VERSION, '/usr/local/bin');
      await put(host, UNIT, await filled('yaml/etcd.service'));
      const values = { NAME: name, ADDRESS: address, CLUSTER: initialCluster(nodes, 'https') };
      await put(host, CONF, await filled('yaml/config', values));
      // etcd makes the log beside its place and moves it there, so that what is above has to be its own.
      await onHost(host, 'install -d -o postgres -g postgres /srv /srv/etcd');
    }
    const { ca, client } = await certify(nodes, site);
    await startTogether(nodes);
    return [await untilServed(described(nodes, ca, client))];
  },
};

async function certify(nodes: readonly Node[], { directory }: Site) {
  const files = ['ca.pem', 'ca-key.pem'] as const;
  const ca = await caBy(directory, { files, subject: '/O=db/CN=etcd CA', days: DAYS });
  let client = ca;
  for (const { host, name, address } of nodes) {
    const pair = await signedBy(ca, directory, {
      files: [`${name}.pem`, `${name}-key.pem`],
      subject: `/O=db/CN=${name}`,
      days: DAYS,
      extensions: [
        'extendedKeyUsage=serverAuth,clientAuth',
        `subjectAltName=${altNames([name, 'localhost'], [address, '127.0.0.1'])}`,
      ],
    });
    client = pair;
    const owner = 'postgres';
    await copyTo(host, ca.certificate, `${TLS}/ca.pem`, { owner });
    await copyTo(host, pair.certificate, `${TLS}/${name}.pem`, { owner });
    await copyTo(host, pair.key, `${TLS}/${name}-key.pem`, { mode: '600', owner });
  }
  return { ca, client };
}

function described(nodes: readonly Node[], ca: Pair, client: Pair): ForeignCluster {
  return {
    ...{ name: 'm', version: VERSION, token: 'etcd-cluster', ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, CONF] },
      ...{ program: '/usr/local/bin/etcd', account: 'postgres' },
      ...{ data: '/srv/etcd/data', wal: '/srv/etcd-wal' },
      client: {
        ca: `${TLS}/ca.pem`,
        cert: `${TLS}/${name}.pem`,
        key: `${TLS}/${name}-key.pem`,
      },
      peer: {
        cert: '/srv/etcd/data/fixtures/peer/cert.pem',
        key: '/srv/etcd/data/fixtures/peer/key.pem',
      },
      peerUrl: `https://${address}:2380`,
      // A slip of its owner's: clients that follow it meet the peer port.
      clientUrls: [`https://${address}:2380`],
    })),
    clients: nodes.map(({ address }) => ({
      url: `https://${address}:2379`,
      caFile: ca.certificate,
      certFile: client.certificate,
      keyFile: client.key,
    })),
  };
}
