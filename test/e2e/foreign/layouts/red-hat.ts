import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { joinOneByOne } from '../joined.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';

const VERSION = '3.3.25';
const UNIT = '/usr/lib/systemd/system/etcd.service';
const CONF = '/etc/etcd/etcd.conf';
const NAMES = ['infra1.lager.example', 'infra2.lager.example', 'infra3.lager.example'];
const DAYS = 1825;

/** Red Hat's package, three values given twice, hosts that joined one by one. */
export const redHat: Layout = {
  name: 'red-hat',
  whose: "Red Hat's package with /etc/etcd/etcd.conf, a shell around etcd and names with dots",
  build: async (site) => {
    const nodes = nodesOf(site, NAMES);
    const { ca, client } = await certify(nodes, site);
    for (const { host } of nodes) {
      await putPrograms(host, VERSION, '/usr/bin');
      await put(host, UNIT, await filled('red-hat/etcd.service'));
      await onHost(host, 'install -d -m 755 -o etcd -g etcd /var/lib/etcd');
    }
    const cluster = described(nodes, ca, client);
    await joinOneByOne(cluster, (at) =>
      write(nodes.slice(0, at + 1), at === 0 ? 'new' : 'existing'),
    );
    // The next run of its playbook says of every host that the cluster is there.
    await write(nodes.slice(0, 1), 'existing');
    return [cluster];
  },
};

/** Writes the variables of the last of these nodes, which knows those before it alone. */
async function write(nodes: readonly Node[], STATE: string): Promise<void> {
  const node = nodes.at(-1);
  if (node === undefined) return;
  const CLUSTER = initialCluster(nodes, 'https');
  const values = { NAME: node.name, ADDRESS: node.address, CLUSTER, STATE };
  await put(node.host, CONF, await filled('red-hat/etcd.conf', values));
}

/** A CA, and for each host a server's certificate, which may be no client's, and a peer's. */
async function certify(nodes: readonly Node[], { directory }: Site) {
  const ca = await caBy(directory, {
    files: ['ca.crt', 'ca.key'],
    subject: '/CN=etcd-signer@1520000000',
    days: DAYS,
    extensions: ['keyUsage=digitalSignature,keyEncipherment,keyCertSign'],
  });
  const wish = (usage: string, names: readonly string[]) => [
    'basicConstraints=CA:FALSE',
    `extendedKeyUsage=${usage}`,
    'keyUsage=digitalSignature,keyEncipherment',
    ...names,
  ];
  for (const { host, name, address } of nodes) {
    await onHost(host, 'useradd --system --user-group --home-dir /var/lib/etcd etcd');
    await copyTo(host, ca.certificate, '/etc/etcd/ca.crt', { owner: 'etcd' });
    const names = [`subjectAltName=${altNames([name], [address])}`];
    const uses = [['server', 'serverAuth'] as const, ['peer', 'clientAuth,serverAuth'] as const];
    for (const [role, usage] of uses) {
      const pair = await signedBy(ca, directory, {
        files: [`${role}-${name}.crt`, `${role}-${name}.key`],
        subject: `/CN=${name}`,
        days: DAYS,
        extensions: wish(usage, names),
      });
      await copyTo(host, pair.certificate, `/etc/etcd/${role}.crt`, { owner: 'etcd' });
      await copyTo(host, pair.key, `/etc/etcd/${role}.key`, { mode: '600', owner: 'etcd' });
    }
  }
  const client = await signedBy(ca, directory, {
    files: ['master.etcd-client.crt', 'master.etcd-client.key'],
    subject: '/CN=master.lager.example',
    days: DAYS,
    extensions: wish('clientAuth', []),
  });
  return { ca, client };
}

function described(nodes: readonly Node[], ca: Pair, client: Pair): ForeignCluster {
  const tls = (role: string) => ({
    ca: '/etc/etcd/ca.crt',
    cert: `/etc/etcd/${role}.crt`,
    key: `/etc/etcd/${role}.key`,
  });
  return {
    ...{ name: 'etcd-cluster-1', version: VERSION, token: 'etcd-cluster-1', ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, CONF] },
      ...{ program: '/usr/bin/etcd', account: 'etcd', data: '/var/lib/etcd/' },
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
