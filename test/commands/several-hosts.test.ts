import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { scratch } from '../pki/workshop.ts';
import { provision } from './run-cli.ts';

test('hosts that cannot be logged in to for different reasons: each has its own next step below it', async (t) => {
  const directory = await scratch(t);
  await writeFile(
    join(directory, 'prod.yaml'),
    `cluster: prod
etcd: {version: 3.5.33}
members:
  - { name: etcd01, address: 198.18.0.1, ssh: { user: root, identityFile: missing } }
  - { name: etcd02, address: 198.18.0.2, ssh: { identityFile: open } }
  - { name: etcd03, address: 198.18.0.3, ssh: { identityFile: open } }
`,
  );
  await writeFile(join(directory, 'open'), 'x', { mode: 0o600 });
  const { exitCode, stderr } = await provision(directory, ['status', 'prod.yaml'], {
    SSH_AUTH_SOCK: '',
  });
  t.is(exitCode, 2, stderr);
  const lines = stderr.split('\n').filter((line) => !/^ {2}log: |^warning: |^$/.test(line));
  t.deepEqual(
    lines.map((line) => line.replaceAll(directory, 'D')),
    [
      'error: 3 hosts failed:',
      '  etcd01: no key to log in with as root: none at D/missing, and no ssh-agent runs',
      '    next: ssh-add, or name a private key as ssh.identityFile in the inventory',
      ...[2, 3].flatMap(() => [
        '  D/open holds no key that can be used',
        "    next: ssh-keygen -yf D/open shows what OpenSSH makes of it; ssh-keygen -pf D/open rewrites it in OpenSSH's own format",
      ]),
    ],
  );
});
