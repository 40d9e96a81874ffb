import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './exists.ts';
import { must } from './local-command.ts';
import { labPaths } from './paths.ts';
import type { HostRecord, LabRecord } from './record.ts';

// What sshd of Debian 11 to 13 offers; RSA is left out because making one takes longer than booting.
const HOST_KEY_TYPES = ['ed25519', 'ecdsa'];

/** Makes the lab's login key unless it has one; returns the public half. */
export async function ensureIdentity(lab: string): Promise<string> {
  const { identity } = labPaths(lab);
  if (!(await exists(identity))) await makeKey(identity, 'ed25519', `provision lab ${lab}`);
  return readFile(`${identity}.pub`, 'utf8');
}

/** Makes host keys of its own in a host's /etc/ssh unless it has them; returns the public halves. */
export async function ensureHostKeys(root: string, host: string): Promise<readonly string[]> {
  return Promise.all(
    HOST_KEY_TYPES.map(async (type) => {
      const path = join(root, 'etc/ssh', `ssh_host_${type}_key`);
      if (!(await exists(path))) await makeKey(path, type, host);
      return (await readFile(`${path}.pub`, 'utf8')).trim();
    }),
  );
}

/** Writes known_hosts and an ssh_config by which plain `ssh -F` reaches every host of the lab. */
export async function writeAccess(
  lab: LabRecord,
  hostKeys: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const { knownHosts, sshConfig } = labPaths(lab.name);
  const known = lab.hosts.flatMap((host) =>
    (hostKeys.get(host.name) ?? []).map((key) => knownHostsLine(host, key)),
  );
  await writeFile(knownHosts, `${known.join('\n')}\n`);
  await writeFile(sshConfig, sshConfigText(lab));
}

/** One line of known_hosts for a host by name and both addresses. */
export function knownHostsLine(host: HostRecord, publicKey: string): string {
  const [type = '', key = ''] = publicKey.split(' ');
  return `${host.name},${host.address},${host.address6} ${type} ${key}`;
}

/** An OpenSSH client configuration for the hosts of the lab. */
export function sshConfigText(lab: LabRecord): string {
  const { identity, knownHosts } = labPaths(lab.name);
  const hosts = lab.hosts.map((host) => `Host ${host.name}\n  HostName ${host.address}\n`);
  return `${hosts.join('')}Host *
  User root
  IdentityFile "${identity}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHosts}"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 3
`;
}

async function makeKey(path: string, type: string, comment: string): Promise<void> {
  const args = ['-q', '-t', type, '-N', '', '-C', comment, '-f', path];
  await must(`make the key ${path}`, 'ssh-keygen', args);
}
