import test from 'ava';
import { parse } from 'yaml';
import { kubeData, kubeText } from '../../src/report/kube-forms.ts';

const files = { ca: '/k/ca.crt', certificate: '/k/apiserver.crt', key: '/k/apiserver.key' };
const endpoints = ['https://10.0.0.1:2379', 'https://[fd00::2]:2379'];
const clear = { endpoints: ['http://10.0.0.1:2379'] };

test("kubeText() gives kube-apiserver's flags", (t) => {
  t.is(
    kubeText('flags', { endpoints, files }),
    `--etcd-servers=https://10.0.0.1:2379,https://[fd00::2]:2379
--etcd-cafile=/k/ca.crt
--etcd-certfile=/k/apiserver.crt
--etcd-keyfile=/k/apiserver.key`,
  );
  t.is(
    kubeText('flags', { ...clear, prefix: '/two' }),
    '--etcd-servers=http://10.0.0.1:2379\n--etcd-prefix=/two',
  );
  t.deepEqual(kubeData({ endpoints, files, prefix: '/two' }), {
    'etcd-servers': endpoints.join(','),
    ...{ 'etcd-cafile': files.ca, 'etcd-certfile': files.certificate, 'etcd-keyfile': files.key },
    'etcd-prefix': '/two',
  });
});

test("kubeText() gives kubeadm's configuration", (t) => {
  const head = { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'ClusterConfiguration' };
  t.deepEqual(parse(kubeText('kubeadm', { endpoints, files })), {
    ...head,
    etcd: {
      external: {
        endpoints,
        ...{ caFile: files.ca, certFile: files.certificate, keyFile: files.key },
      },
    },
  });
  t.deepEqual(parse(kubeText('kubeadm', { ...clear, prefix: '/two' })), {
    ...head,
    etcd: { external: clear },
    apiServer: { extraArgs: [{ name: 'etcd-prefix', value: '/two' }] },
  });
});

test("kubeText() gives k3s' configuration", (t) => {
  t.deepEqual(parse(kubeText('k3s', { endpoints, files, prefix: '/two' })), {
    'datastore-endpoint': endpoints.join(','),
    'datastore-cafile': files.ca,
    'datastore-certfile': files.certificate,
    'datastore-keyfile': files.key,
    'kube-apiserver-arg': ['etcd-prefix=/two'],
  });
  t.deepEqual(parse(kubeText('k3s', clear)), { 'datastore-endpoint': 'http://10.0.0.1:2379' });
});

test("kubeText() gives k0s' configuration, which needs a prefix", (t) => {
  const external = (given: Parameters<typeof kubeText>[1]) =>
    parse(kubeText('k0s', given)).spec.storage.etcd.externalCluster;
  t.deepEqual(external({ endpoints, files, prefix: '/two' }), {
    ...{ endpoints, etcdPrefix: '/two' },
    ...{ caFile: files.ca, clientCertFile: files.certificate, clientKeyFile: files.key },
  });
  t.deepEqual(external(clear), { ...clear, etcdPrefix: '/registry' });
});
