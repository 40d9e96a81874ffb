import { createHash, createHmac } from 'node:crypto';
import { matchesWildcard } from './wildcard.ts';

/** A line of a known_hosts file, as sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT" describes it. */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

const LINE =
  /^(?:@(?<marker>revoked|cert-authority)\s+)?(?<hosts>[^\s@#]\S*)\s+(?<type>\S+)\s+(?<key>[A-Za-z0-9+/]+=*)(?:\s|$)/;

/** The lines that name a key; like OpenSSH it passes over whatever it cannot read. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const { marker, hosts, type, key } = LINE.exec(line.trim())?.groups ?? {};
    if (hosts === undefined || type === undefined || key === undefined) return [];
    return {
      file,
      line: index + 1,
      marker: marker === 'revoked' || marker === 'cert-authority' ? marker : undefined,
      hosts,
      type,
      key: Buffer.from(key, 'base64'),
    };
  });
}

/** How known_hosts spells a host: `[name]:port` unless the port is 22. */
export function knownAs(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether the line speaks of this host (in the spelling of `knownAs`). */
export function speaksOf({ hosts }: KnownHost, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHash(hosts, name);

  const patterns = hosts.toLowerCase().split(',');
  const denied = patterns.some(
    (each) => each.startsWith('!') && matchesWildcard(each.slice(1), name),
  );
  return !denied && patterns.some((each) => !each.startsWith('!') && matchesWildcard(each, name));
}

/** The fingerprint as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type a public key blob names itself (RFC 4253 §6.6), such as ssh-ed25519. */
export function keyType(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

function matchesHash(hashed: string, name: string): boolean {
  const [salt = '', hash = ''] = hashed.slice('|1|'.length).split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
