import { randomBytes } from 'node:crypto';
import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { joinOneByOne } from '../joined.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';

const VERSION = '3.5.16';
const UNIT = '/etc/systemd/system/etcd.service';
const CONF = '/etc/etcd/etcd.env';
const PKI = '/etc/etcd/pki';
const DAYS = 365;

/** `etcdadm init` on one host and `etcdadm join` on the others, which have the CA with its key. */
export const etcdadm: Layout = {
  name: 'etcdadm',
  whose: 'etcdadm, hosts that joined one by one, the CA with its key on each',
  build: async (site) => {
    // It names members after their hosts.
    const nodes = nodesOf(
      site,
      site.hosts.slice(0, 3).map(({ name }) => name),
    );
    const token = randomBytes(4).toString('hex');
    const { ca, client } = await certify(nodes, site);
    for (const { host } of nodes) {
      await putPrograms(host, VERSION, '/opt/bin');
      await put(host, '/opt/bin/etcdctl.sh', await filled('etcdadm/etcdctl.sh'), { mode: '755' });
      await put(host, '/etc/etcd/etcdctl.env', await filled('etcdadm/etcdctl.env'));
      await put(host, UNIT, await filled('etcdadm/etcd.service'));
      await onHost(host, 'install -d -m 700 /var/lib/etcd');
    }
    const write = async (at: number) => {
      const node = nodes[at];
      if (node === undefined) return;
      const { host, name, address } = node;
      const text = await filled('etcdadm/etcd.env', {
        ...{ NAME: name, ADDRESS: address, STATE: at === 0 ? 'new' : 'existing' },
        CLUSTER: initialCluster(nodes.slice(0, at + 1), 'https'),
        // Who joins is told none.
        TOKEN: at === 0 ? `ETCD_INITIAL_CLUSTER_TOKEN=${token}` : '',
      });
      await put(host, CONF, text);
    };
    return [await joinOneByOne(described(nodes, token, ca, client), write)];
  },
};

/** The four certificates of each host, signed there; the key of the CA was copied to it for that. */
async function certify(nodes: readonly Node[], { directory }: Site) {
  const ca = await caBy(directory, {
    files: ['ca.crt', 'ca.key'],
    subject: '/CN=etcd',
    days: 3650,
    extensions: ['keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign'],
  });
  let client = ca;
  for (const { host, name, address } of nodes) {
    await copyTo(host, ca.certificate, `${PKI}/ca.crt`);
    await copyTo(host, ca.key, `${PKI}/ca.key`, { mode: '600' });
    const own = (addresses: readonly string[]) => [
      'extendedKeyUsage=serverAuth,clientAuth',
      `subjectAltName=${altNames([name], addresses)}`,
    ];
    const clients = ['extendedKeyUsage=clientAuth'];
    const masters = `/O=system:masters/CN=${name}`;
    const rows = [
      ['server', `/CN=${name}`, own([address, '127.0.0.1'])],
      ['peer', `/CN=${name}`, own([address])],
      ['apiserver-etcd-client', `${masters}-kube-apiserver-etcd-client`, clients],
      ['etcdctl-etcd-client', `${masters}-etcdctl`, clients],
    ] as const;
    for (const [role, subject, lines] of rows) {
      const pair = await signedBy(ca, directory, {
        files: [`${name}-${role}.crt`, `${name}-${role}.key`],
        ...{ subject, days: DAYS },
        extensions: ['keyUsage=critical,digitalSignature,keyEncipherment', ...lines],
      });
      await copyTo(host, pair.certificate, `${PKI}/${role}.crt`);
      await copyTo(host, pair.key, `${PKI}/${role}.key`, { mode: '600' });
      client = pair;
    }
  }
  return { ca, client };
}

function described(nodes: readonly Node[], token: string, ca: Pair, client: Pair): ForeignCluster {
  const tls = (role: string) => ({
    ca: `${PKI}/ca.crt`,
    cert: `${PKI}/${role}.crt`,
    key: `${PKI}/${role}.key`,
  });
  return {
    ...{ name: 'etcd', version: VERSION, token, ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, CONF] },
      ...{ program: '/opt/bin/etcd', account: 'root', data: '/var/lib/etcd' },
      ...{ client: tls('server'), peer: tls('peer') },
      peerUrl: `https://${address}:2380`,
      clientUrls: [`https://${address}:2379`],
    })),
    clients: nodes.map(({ address }) => ({
      url: `https://${address}:2379`,
      caFile: ca.certificate,
      certFile: client.certificate,
      keyFile: client.key,
    })),
  };
}
