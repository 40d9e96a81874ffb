import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { seconds } from './measure.mjs';

/** A lab that is up: its hosts, its files and the programs of an etcd version. */
export function readLab(name) {
  const home = join(homedir(), '.cache/provision');
  const directory = join(home, 'lab', name);
  const { hosts } = JSON.parse(readFileSync(join(directory, 'lab.json'), 'utf8'));
  const programs = (version) => join(home, `etcd/v${version}/programs`);
  return { directory, hosts, programs, sshConfig: join(directory, 'ssh_config') };
}

/** Writes an inventory of lab hosts; `more` is further lines of its section `etcd`. Gives the path. */
export function writeInventory(path, { directory, programs }, { hosts, version, more = '' }) {
  const members = hosts.map(({ name, address }) => `  - {name: ${name}, address: ${address}}\n`);
  writeFileSync(
    path,
    `cluster: bench
etcd:
  version: ${version}
  source: {directory: ${programs(version)}}
${more}ssh: {user: root, identityFile: ${directory}/id_ed25519, knownHosts: ${directory}/known_hosts}
pki: {store: ${path}/../bench.pki}
members:
${members.join('')}`,
  );
  return path;
}

/** Seconds of a bare rolling restart: over ssh, member by member, until each answers a linearizable read. */
export async function bareRestart(log, { hosts, sshConfig }, protocol) {
  const pki = '/etc/etcd/pki';
  const pair = `--cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`;
  const tls = protocol === 'https' ? `--cacert=${pki}/ca.crt ${pair}` : '';
  const etcdctl = `ETCDCTL_API=3 /opt/etcd/etcd/etcdctl --endpoints=${protocol}://127.0.0.1:2379 ${tls}`;
  const command = `systemctl restart etcd || exit
i=0; until ${etcdctl} endpoint health >/dev/null 2>&1; do
  i=$((i + 1)); [ $i -lt 100 ] || exit; sleep 0.1
done`;
  let sum = 0;
  for (const { name } of hosts) sum += await seconds(log, 'ssh', ['-F', sshConfig, name, command]);
  return sum;
}
