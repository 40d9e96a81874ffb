import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { scratch } from '../pki/workshop.ts';
import { provision } from './run-cli.ts';

/** What is printed where no host can be asked: there is no key to log in with. */
async function printed(
  t: Parameters<typeof scratch>[0],
  consumers: string,
  ...words: readonly string[]
) {
  const directory = await scratch(t);
  await writeFile(
    join(directory, 'prod.yaml'),
    `cluster: prod
etcd: {version: 3.5.33}
ssh: { identityFile: missing }
members:
  - { name: etcd01, address: 198.18.0.1 }
  - { name: etcd02, address: 198.18.0.2 }
  - { name: etcd03, address: 198.18.0.3 }
${consumers}`,
  );
  const { exitCode, stdout, stderr } = await provision(
    directory,
    ['kube', 'flags', 'prod.yaml', ...words],
    { SSH_AUTH_SOCK: '' },
  );
  return { exitCode, stdout, stderr };
}

const ONE = `consumers:
  - { name: apiserver, certificate: apiserver-etcd-client, directory: /etc/kubernetes/pki/etcd, hosts: [{ address: 198.18.0.9 }] }
`;
const TWO = `${ONE}  - { name: backup, directory: /etc/backup/etcd, hosts: [{ address: 198.18.0.8 }] }\n`;

test('kube flags prints the flags of the only consumer, and warns where no host could be asked', async (t) => {
  const { exitCode, stdout, stderr } = await printed(t, ONE);
  t.is(exitCode, 0, stderr);
  t.regex(stderr, /warning: no host could be asked how clients are served/);
  t.is(
    stdout,
    `--etcd-servers=https://198.18.0.1:2379,https://198.18.0.2:2379,https://198.18.0.3:2379
--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
--etcd-certfile=/etc/kubernetes/pki/etcd/apiserver-etcd-client.crt
--etcd-keyfile=/etc/kubernetes/pki/etcd/apiserver-etcd-client.key
`,
  );
  const { stdout: data } = await printed(t, ONE, '--json', '--prefix', '/two');
  t.like(JSON.parse(data), {
    'etcd-cafile': '/etc/kubernetes/pki/etcd/ca.crt',
    'etcd-prefix': '/two',
  });
});

test('kube flags asks which consumer is meant, and says where there is none', async (t) => {
  const several = await printed(t, TWO);
  t.is(several.exitCode, 2, several.stderr);
  t.regex(several.stderr, /several consumers: apiserver, backup/);
  t.regex(several.stderr, /provision kube flags prod.yaml --consumer apiserver/);
  const backup = await printed(t, TWO, '--consumer', 'backup', '--form', 'k3s');
  t.regex(backup.stdout, /datastore-keyfile: \/etc\/backup\/etcd\/backup.key/);
  const unknown = await printed(t, TWO, '--consumer', 'api');
  t.is(unknown.exitCode, 2, unknown.stderr);
  t.regex(unknown.stderr, /has no consumer api; it has: apiserver, backup/);
  const none = await printed(t, '');
  t.is(none.exitCode, 3, none.stderr);
  t.regex(none.stderr, /add the hosts of kube-apiserver to consumers in prod.yaml/);
  const prefix = await printed(t, ONE, '--prefix', 'two');
  t.is(prefix.exitCode, 2, prefix.stderr);
  t.regex(prefix.stderr, /--prefix two is no beginning of keys/);
});
