import type { ForeignCluster, Layout, Site } from '../cluster.ts';
import { filled } from '../files.ts';
import { initialCluster, type Node, nodesOf } from '../node.ts';
import { copyTo, onHost, put, putPrograms } from '../on-host.ts';
import { altNames, caBy, emptyCrl, type Pair, signedBy } from '../openssl.ts';
import { startTogether, untilServed } from '../start.ts';

const UNIT = '/lib/systemd/system/etcd.service';
const DAYS = 3650;

/** One form of a cluster that has program, configuration, certificates and data in one directory. */
interface Form {
  readonly files: string;
  readonly directory: string;
  readonly programs: string;
  readonly tls: string;
  readonly data: string;
  readonly version: string;
  readonly token: string;
  readonly names: readonly string[];
  readonly hasCrl: boolean;
}

/** Flags that are filled in from variables of the author's own names, one certificate for all. */
export const usrLocal: Layout = layout(
  'usr-local',
  'a guide with /usr/local/etcd, its variables called YETCD_…, one certificate for all',
  {
    ...{ files: 'usr-local', directory: '/usr/local/etcd', programs: '/usr/local/etcd/bin' },
    ...{ tls: '/usr/local/etcd/ssl', data: '/usr/local/etcd/data/data.etcd' },
    // The post has 3.3.17, which takes the same flags.
    ...{ version: '3.3.25', token: 'k8s-etcd-cluster', hasCrl: false },
    names: ['etcd01', 'etcd02', 'etcd03'],
  },
);

/** The same a year later: addresses put together in the unit, and a list of revoked client certificates. */
export const opt: Layout = layout('opt', 'its second form with /opt/etcd, short names and a CRL', {
  ...{ files: 'opt', directory: '/opt/etcd', programs: '/opt/etcd' },
  ...{ tls: '/opt/etcd/cert', data: '/opt/etcd/data' },
  ...{ version: '3.4.23', token: 'mycluster', hasCrl: true },
  names: ['etcd1', 'etcd2', 'etcd3'],
});

function layout(name: string, whose: string, form: Form): Layout {
  return {
    name,
    whose,
    build: async (site) => {
      const nodes = nodesOf(site, form.names);
      const { ca, leaf, crl } = await certify(nodes, site);
      for (const { host, name, address } of nodes) {
        await putPrograms(host, form.version, form.programs);
        await copyTo(host, ca.certificate, `${form.tls}/cacert.pem`);
        await copyTo(host, leaf.certificate, `${form.tls}/etcd.crt`);
        await copyTo(host, leaf.key, `${form.tls}/etcd.key`);
        if (form.hasCrl) await copyTo(host, crl, `${form.tls}/crl.pem`);
        const values = { NAME: name, ADDRESS: address, CLUSTER: initialCluster(nodes, 'https') };
        await put(host, confOf(form), await filled(`${form.files}/etcd.conf`, values));
        await put(host, UNIT, await filled(`${form.files}/etcd.service`));
        await onHost(host, `mkdir -p ${form.data.replace('/data.etcd', '')}`);
      }
      await startTogether(nodes);
      return [await untilServed(described(nodes, form, ca, leaf))];
    },
  };
}

const confOf = ({ directory }: Form) => `${directory}/conf/etcd.conf`;

/** A CA with all that `openssl ca` asks for, and one certificate with the addresses of all hosts. */
async function certify(nodes: readonly Node[], { directory }: Site) {
  const organisation = '/C=CN/ST=BJ/L=BJ/O=atest.pub/OU=etcd';
  const ca = await caBy(directory, {
    files: ['cacert.pem', 'cakey.pem'],
    subject: `${organisation}/CN=ca.atest.pub/emailAddress=op@atest.pub`,
    days: DAYS,
    bits: 4096,
  });
  const addresses = ['127.0.0.1', ...nodes.map(({ address }) => address)];
  const leaf = await signedBy(ca, directory, {
    files: ['etcd.crt', 'etcd.key'],
    subject: `${organisation}/CN=etcd.atest.pub`,
    days: DAYS,
    extensions: [
      'basicConstraints=CA:FALSE',
      'keyUsage=nonRepudiation,digitalSignature,keyEncipherment',
      `subjectAltName=${altNames(['etcd.atest.pub'], addresses)}`,
    ],
  });
  return { ca, leaf, crl: await emptyCrl(ca, directory) };
}

function described(nodes: readonly Node[], form: Form, ca: Pair, leaf: Pair): ForeignCluster {
  const { tls, version, token, data, programs } = form;
  const files = { ca: `${tls}/cacert.pem`, cert: `${tls}/etcd.crt`, key: `${tls}/etcd.key` };
  return {
    ...{ name: 'etcd', version, token, ca },
    members: nodes.map(({ host, name, address }) => ({
      ...{ host, name, unit: 'etcd', files: [UNIT, confOf(form)] },
      ...{ program: `${programs}/etcd`, account: 'root', data, client: files, peer: files },
      peerUrl: `https://${address}:2380`,
      clientUrls: [`https://${address}:2379`],
    })),
    clients: nodes.map(({ address }) => ({
      url: `https://${address}:2379`,
      caFile: ca.certificate,
      certFile: leaf.certificate,
      keyFile: leaf.key,
    })),
  };
}
