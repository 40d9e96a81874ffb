import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';
import { startTogether, untilServed } from '../start.ts';

const VERSION = '3.5.16';
const TLS = '/etc/ssl/etcd/ssl';
/** A hundred years, as its variables have it. */
const DAYS = 36_500;

/** One of its two clusters. */
interface Part {
  readonly unit: string;
  readonly token: string;
  readonly data: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly suffix: string;
}

const PARTS: readonly Part[] = [
  {
    ...{ unit: 'etcd', token: 'k8s_etcd', data: '/var/lib/etcd', suffix: '' },
    ...{ clientPort: 2379, peerPort: 2380 },
  },
  {
    ...{ unit: 'etcd-events', token: 'k8s_events_etcd', data: '/var/lib/etcd-events' },
    ...{ suffix: '-events', clientPort: 2383, peerPort: 2382 },
  },
];

/** A cluster for Kubernetes and one for its events on the same hosts, with one CA, whose key lies on the first. */
export const kubespray: Layout = {
  name: 'kubespray',
  whose: 'kubespray, with its events cluster on the same hosts',
  build: async (site) => {
    const nodes = nodesOf(site, ['node1', 'node2', 'node3']);
    const { ca, admins } = await certify(nodes, site);
    for (const { host } of nodes) await putPrograms(host, VERSION, '/usr/local/bin');
    const clusters: ForeignCluster[] = [];
    for (const part of PARTS) {
      await write(nodes, part, 'new');
      await startTogether(nodes, part.unit);
      clusters.push(await untilServed(described(nodes, part, ca, admins)));
      // Its next run finds the cluster there and says so in the file.
      await write(nodes, part, 'existing');
      for (const { host } of nodes) await onHost(host, 'systemctl daemon-reload');
    }
    return clusters;
  },
};

/** What its script makes on the first host: for each host a member, an administrator and a node. */
async function certify(nodes: readonly Node[], { directory }: Site) {
  const subject = '/CN=etcd-ca';
  const ca = await caBy(directory, { files: ['ca.pem', 'ca-key.pem'], subject, days: DAYS });
  const hosts = nodes.map(({ name }) => name);
  const everywhere = [...nodes.map(({ address }) => address), '127.0.0.1'];
  const extensions = [
    'extendedKeyUsage=clientAuth,serverAuth',
    'basicConstraints=CA:FALSE',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid,issuer',
    `subjectAltName=${altNames(['localhost', ...hosts], everywhere)}`,
  ];
  const admins: Pair[] = [];
  for (const [at, { host, name }] of nodes.entries()) {
    await onHost(host, `install -d -m 700 ${TLS}`);
    await copyTo(host, ca.certificate, `${TLS}/ca.pem`);
    if (at === 0) await copyTo(host, ca.key, `${TLS}/ca-key.pem`, { mode: '600' });
    for (const role of ['member', 'admin', 'node']) {
      const file = `${role}-${name}`;
      const files = [`${file}.pem`, `${file}-key.pem`] as const;
      const wish = { files, subject: `/CN=etcd-${role}-${name}`, days: DAYS, extensions };
      const pair = await signedBy(ca, directory, wish);
      await copyTo(host, pair.certificate, `${TLS}/${file}.pem`);
      // openssl made those of the first host there; a task copied the others.
      const mode = at === 0 ? '600' : '640';
      await copyTo(host, pair.key, `${TLS}/${file}-key.pem`, { mode });
      if (role === 'admin') admins.push(pair);
    }
  }
  return { ca, admins };
}

const environment = ({ unit }: Part) => `/etc/${unit}.env`;
const unitFile = ({ unit }: Part) => `/etc/systemd/system/${unit}.service`;

async function write(nodes: readonly Node[], part: Part, state: 'new' | 'existing'): Promise<void> {
  const { token, data, clientPort, peerPort, suffix } = part;
  const members = nodes.map((node) => ({ ...node, name: etcdName(nodes, node, part) }));
  for (const node of nodes) {
    const { host, address } = node;
    const metrics = `ETCD_LISTEN_METRICS_URLS=http://${address}:2381,http://127.0.0.1:2381\n`;
    const isMain = suffix === '';
    const text = await filled('kubespray/etcd.env', {
      ...{ VERSION, DATA: data, ADDRESS: address, STATE: state, TOKEN: token },
      ...{ CLIENT_PORT: String(clientPort), PEER_PORT: String(peerPort) },
      METRICS: isMain ? metrics : '',
      NAME: etcdName(nodes, node, part),
      NODE: node.name,
      CLUSTER: initialCluster(members, 'https', peerPort),
      MORE: isMain ? await filled('kubespray/main.more', { NODE: node.name }) : '',
    });
    await put(host, environment(part), text, { mode: '640' });
    const unit = await filled('kubespray/etcd.service', { ENVIRONMENT: environment(part) });
    await put(host, unitFile(part), unit);
    await onHost(host, `install -d -m 700 ${data}`);
  }
}

function etcdName(nodes: readonly Node[], node: Node, { suffix }: Part): string {
  return `etcd${nodes.indexOf(node) + 1}${suffix}`;
}

function described(
  nodes: readonly Node[],
  part: Part,
  ca: Pair,
  admins: readonly Pair[],
): ForeignCluster {
  const { unit, token, data, clientPort, peerPort } = part;
  return {
    ...{ name: unit, version: VERSION, token, ca },
    members: nodes.map((node) => {
      const { host, address } = node;
      const pair = `${TLS}/member-${node.name}`;
      const tls = { ca: `${TLS}/ca.pem`, cert: `${pair}.pem`, key: `${pair}-key.pem` };
      return {
        ...{ host, unit, data, client: tls, peer: tls },
        name: etcdName(nodes, node, part),
        files: [unitFile(part), environment(part)],
        ...{ program: '/usr/local/bin/etcd', account: 'root' },
        peerUrl: `https://${address}:${peerPort}`,
        clientUrls: [`https://${address}:${clientPort}`],
      };
    }),
    clients: nodes.map(({ address }, at) => ({
      url: `https://${address}:${clientPort}`,
      caFile: ca.certificate,
      certFile: admins[at]?.certificate ?? '',
      keyFile: admins[at]?.key ?? '',
    })),
  };
}
