import { stringify } from 'yaml';

/** Whose configuration tells a Kubernetes where its etcd is. */
export const KUBE_FORMS = ['flags', 'kubeadm', 'k3s', 'k0s'] as const;

export type KubeForm = (typeof KUBE_FORMS)[number];

/** What Kubernetes must know of a cluster. */
export interface KubeEtcd {
  readonly endpoints: readonly string[];
  /** Paths on the hosts of kube-apiserver; none where clients are served in clear text. */
  readonly files?: { readonly ca: string; readonly certificate: string; readonly key: string };
  /** What its keys begin with, where that is not kube-apiserver's default. */
  readonly prefix?: string;
}

/** kube-apiserver's own (its --etcd-prefix). */
const PREFIX = '/registry';

/** The text that goes into the configuration. */
export function kubeText(form: KubeForm, etcd: KubeEtcd): string {
  return FORMS[form](etcd).trimEnd();
}

/** The same for machines: kube-apiserver's flags by their names. */
export function kubeData({ endpoints, files, prefix }: KubeEtcd): Readonly<Record<string, string>> {
  return {
    'etcd-servers': endpoints.join(','),
    ...(files && {
      'etcd-cafile': files.ca,
      'etcd-certfile': files.certificate,
      'etcd-keyfile': files.key,
    }),
    ...(prefix !== undefined && { 'etcd-prefix': prefix }),
  };
}

const FORMS: Readonly<Record<KubeForm, (etcd: KubeEtcd) => string>> = {
  flags: (etcd) =>
    Object.entries(kubeData(etcd))
      .map(([name, value]) => `--${name}=${value}\n`)
      .join(''),
  kubeadm,
  k3s,
  k0s,
};

// kubeadm-config.v1beta4, type ExternalEtcd: clear text is taken where none of the files is named.
function kubeadm({ endpoints, files, prefix }: KubeEtcd): string {
  const external = {
    endpoints,
    ...(files && { caFile: files.ca, certFile: files.certificate, keyFile: files.key }),
  };
  const apiServer = { extraArgs: [{ name: 'etcd-prefix', value: prefix }] };
  return stringify({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    etcd: { external },
    ...(prefix !== undefined && { apiServer }),
  });
}

// docs.k3s.io/datastore, as /etc/rancher/k3s/config.yaml has it.
function k3s({ endpoints, files, prefix }: KubeEtcd): string {
  return stringify({
    'datastore-endpoint': endpoints.join(','),
    ...(files && {
      'datastore-cafile': files.ca,
      'datastore-certfile': files.certificate,
      'datastore-keyfile': files.key,
    }),
    ...(prefix !== undefined && { 'kube-apiserver-arg': [`etcd-prefix=${prefix}`] }),
  });
}

// docs.k0sproject.io/configuration, spec.storage.etcd.externalCluster: a prefix must be there, and all files or none.
function k0s({ endpoints, files, prefix = PREFIX }: KubeEtcd): string {
  return stringify({
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    metadata: { name: 'k0s' },
    spec: {
      storage: {
        type: 'etcd',
        etcd: {
          externalCluster: {
            endpoints,
            etcdPrefix: prefix,
            ...(files && {
              caFile: files.ca,
              clientCertFile: files.certificate,
              clientKeyFile: files.key,
            }),
          },
        },
      },
    },
  });
}
