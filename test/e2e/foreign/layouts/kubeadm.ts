import { randomBytes, randomUUID } from 'node:crypto';
import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { runContainer } from '../container.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put } from '../on-host.ts';
import { altNames, caBy, type Pair, signedBy } from '../openssl.ts';
import { untilServed } from '../start.ts';

const VERSION = '3.5.16';
const MANIFEST = '/etc/kubernetes/manifests/etcd.yaml';
const PKI = '/etc/kubernetes/pki/etcd';
const ROOT = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs';

/** A static pod on each of three hosts, without the kubelet that would start it again. */
export const kubeadm: Layout = {
  name: 'kubeadm',
  whose: "kubeadm's static pods",
  build: async (site) => {
    const nodes = nodesOf(site, ['e1', 'e2', 'e3']);
    const { ca, client } = await certify(nodes, site);
    for (const { host, name, address } of nodes) {
      const values = { ADDRESS: address, NAME: name, VERSION };
      const CLUSTER = initialCluster(nodes, 'https');
      const manifest = await filled('kubeadm/manifest', { ...values, CLUSTER });
      await put(host, MANIFEST, manifest, { mode: '600' });
      await onHost(host, 'install -d -m 700 /var/lib/etcd');
      const id = randomBytes(32).toString('hex');
      const pod = randomUUID();
      await runContainer(host, {
        ...{ id, root: ROOT, version: VERSION, command: commandOf(manifest) },
        slice: `kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice`,
        scope: `cri-containerd-${id}.scope`,
        mounts: [
          [PKI, PKI],
          ['/var/lib/etcd', '/var/lib/etcd'],
        ],
        log: `/var/log/pods/kube-system_etcd-${name}_${pod}/etcd/0.log`,
      });
    }
    return [await untilServed(described(nodes, ca, client))];
  },
};

const commandOf = (manifest: string) =>
  [...manifest.matchAll(/^ {4}- (etcd|--.*)$/gm)].map(([, word = '']) => word);

async function certify(nodes: readonly Node[], { directory }: Site) {
  const usage = 'keyUsage=critical,digitalSignature,keyEncipherment';
  const ca = await caBy(directory, {
    files: ['ca.crt', 'ca.key'],
    subject: '/CN=etcd-ca',
    days: 3650,
    extensions: [`${usage},keyCertSign`],
  });
  let client = ca;
  for (const [at, { host, name, address }] of nodes.entries()) {
    await copyTo(host, ca.certificate, `${PKI}/ca.crt`);
    if (at === 0) await copyTo(host, ca.key, `${PKI}/ca.key`, { mode: '600' });
    const both = [
      'extendedKeyUsage=serverAuth,clientAuth',
      `subjectAltName=${altNames([name, 'localhost'], [address, '127.0.0.1', '::1'])}`,
    ];
    const check = '/O=system:masters/CN=kube-etcd-healthcheck-client';
    const rows = [
      ['server', `/CN=${name}`, both],
      ['peer', `/CN=${name}`, both],
      ['healthcheck-client', check, ['extendedKeyUsage=clientAuth']],
    ] as const;
    for (const [role, subject, lines] of rows) {
      const pair = await signedBy(ca, directory, {
        files: [`${name}-${role}.crt`, `${name}-${role}.key`],
        ...{ subject, days: 365, extensions: [usage, ...lines] },
      });
      await copyTo(host, pair.certificate, `${PKI}/${role}.crt`);
      await copyTo(host, pair.key, `${PKI}/${role}.key`, { mode: '600' });
      client = pair;
    }
  }
  return { ca, client };
}

function described(nodes: readonly Node[], ca: Pair, client: Pair): ForeignCluster {
  const tls = (role: string) => ({
    ca: `${PKI}/ca.crt`,
    cert: `${PKI}/${role}.crt`,
    key: `${PKI}/${role}.key`,
  });
  return {
    ...{ name: 'kube-system', version: VERSION, token: 'etcd-cluster', ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, files: [MANIFEST], account: 'root', data: '/var/lib/etcd' },
      ...{ program: `${ROOT}/usr/local/bin/etcd`, client: tls('server'), peer: tls('peer') },
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
