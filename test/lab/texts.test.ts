import { homedir } from 'node:os';
import test from 'ava';
import { upstreamVersion } from '../../src/lab/etcd-debian.ts';
import { moduleText } from '../../src/lab/etcd-modules.ts';
import { readMadison } from '../../src/lab/private-apt.ts';
import type { LabRecord } from '../../src/lab/record.ts';
import { knownHostsLine, sshConfigText } from '../../src/lab/ssh-access.ts';

const host = {
  name: 'lab1',
  index: 1,
  address: '198.18.0.11',
  address6: 'fdc6:1800::11',
  netns: 'pvlab-lab-1-abcdef',
};
const lab: LabRecord = {
  name: 'lab',
  subnet: 0,
  debian: 'bookworm',
  base: '/base',
  etcd: '3.5.30',
  hosts: [host],
};

test('readMadison() reads packages and versions, and skips sources', (t) => {
  const text = ` etcd-server |   3.5.30-2 | http://mirror/debian sid/main amd64 Packages
etcd-client | 3.3.25+dfsg-6+b6 | http://mirror/debian bullseye/main amd64 Packages
      etcd |   3.5.30-2 | http://mirror/debian sid/main Sources
`;
  t.deepEqual(readMadison(text), [
    { package: 'etcd-server', version: '3.5.30-2' },
    { package: 'etcd-client', version: '3.3.25+dfsg-6+b6' },
  ]);
  t.deepEqual(readMadison(''), []);
});

test('upstreamVersion() takes the version out of a Debian one', (t) => {
  const versions = ['3.3.25+dfsg-6+b6', '3.4.23-4+b4', '3.5.30-2', '1:3.6.0-1', 'odd'];
  t.deepEqual(versions.map(upstreamVersion), ['3.3.25', '3.4.23', '3.5.30', '3.6.0', 'odd']);
});

test('moduleText() requires the three programs at one version', (t) => {
  t.is(
    moduleText('3.6.14'),
    `module provision.lab/etcd

go 1.24

require (
	go.etcd.io/etcd/server/v3 v3.6.14
	go.etcd.io/etcd/etcdctl/v3 v3.6.14
	go.etcd.io/etcd/etcdutl/v3 v3.6.14
)
`,
  );
});

test('knownHostsLine() names a host by name and addresses, and drops the comment', (t) => {
  t.is(
    knownHostsLine(host, 'ssh-ed25519 AAAA lab1'),
    'lab1,198.18.0.11,fdc6:1800::11 ssh-ed25519 AAAA',
  );
});

test('sshConfigText() reaches every host with the keys of the lab and no others', (t) => {
  const directory = `${homedir()}/.cache/provision/lab/lab`;
  t.is(
    sshConfigText(lab),
    `Host lab1
  HostName 198.18.0.11
Host *
  User root
  IdentityFile "${directory}/id_ed25519"
  IdentitiesOnly yes
  UserKnownHostsFile "${directory}/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 3
`,
  );
});
