import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import type { Hop } from './hop.ts';
import type { SshConfig } from './ssh-config.ts';
import type { Target } from './target.ts';

const USUAL_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inHome);
const SYSTEM_KNOWN_HOSTS = '/etc/ssh/ssh_known_hosts';
// Longer chains are circles.
const MOST_HOPS = 8;

/** How a target is reached. */
export interface Route {
  /** The jump hosts, the nearest first. */
  readonly through: readonly Hop[];
  readonly last: Hop;
}

/**
 * The logins that lead to a target. The inventory wins over ~/.ssh/config, which wins over ssh's own
 * defaults; a looser StrictHostKeyChecking than ours is not honoured. Throws a Failure for a way that cannot be gone.
 */
export function routeTo(target: Target, config: SshConfig): Route {
  const last = hop(target.name, target.address, target.ssh, config);
  const jump = target.ssh.jump ?? config(target.address, target.ssh.user).proxyJump ?? 'none';
  const { user, identityFile, passphrase, knownHosts, hostKeys } = target.ssh;
  const shared = { identityFile, passphrase, knownHosts, hostKeys };
  const through = jumps(target.name, jump, user, shared, config);
  return {
    through: through.map((each, index) => ({ ...each, via: spelled(through.slice(0, index)) })),
    last: { ...last, via: spelled(through) },
  };
}

type Settings = Target['ssh'];
type Shared = { readonly [Key in keyof Settings]: Settings[Key] | undefined };

function jumps(
  name: string,
  jump: string,
  user: string | undefined,
  shared: Shared,
  config: SshConfig,
  depth = 1,
): readonly Hop[] {
  if (jump.toLowerCase() === 'none') return [];
  const specs = jump.split(',');
  if (depth + specs.length > MOST_HOPS) {
    throw new Failure('usage', `${name}: the way through ${jump} has more than ${MOST_HOPS} hops`, {
      next: [remedy`look for a ProxyJump in ~/.ssh/config that leads back to itself`],
    });
  }
  return specs.flatMap((spec, index) => {
    const way = jumpSpec(name, spec);
    const own = config(way.host, way.user);
    // As in ssh: what leads to the first jump host is its own ProxyJump; the others are reached through it.
    const before = index === 0 ? (own.proxyJump ?? 'none') : 'none';
    const settings = {
      ...shared,
      // The inventory's key is meant for its members; the bastion's own entry knows better.
      identityFile: own.identityFiles.length > 0 ? undefined : shared.identityFile,
      user: way.user ?? own.user ?? user,
      port: way.port,
    };
    return [
      ...jumps(name, before, user, shared, config, depth + 1),
      hop(`${name} (by way of ${way.host})`, way.host, settings, config),
    ];
  });
}

function hop(name: string, address: string, ssh: Shared, config: SshConfig): Hop {
  const own = config(address, ssh.user);
  if (own.proxyCommand !== undefined && ssh.jump === undefined && own.proxyJump === undefined) {
    throw new Failure(
      'usage',
      `${name}: ~/.ssh/config reaches ${address} by a ProxyCommand, which provision does not run`,
      { next: [remedy`say the same as ProxyJump, or as ssh.jump in the inventory`] },
    );
  }
  const chosen = ssh.identityFile ? [ssh.identityFile] : own.identityFiles;
  return {
    name,
    host: own.hostName ?? address,
    port: ssh.port ?? own.port ?? 22,
    user: ssh.user ?? own.user ?? userInfo().username,
    via: undefined,
    identityFiles: chosen.length > 0 ? chosen : USUAL_KEYS,
    named: chosen.length > 0,
    identitiesOnly: ssh.identityFile !== undefined || own.identitiesOnly,
    passphrase: ssh.passphrase,
    password: ssh.password,
    hostKeys: own.strict ? 'strict' : (ssh.hostKeys ?? 'strict'),
    hostKey: ssh.hostKey,
    knownHosts: ssh.knownHosts
      ? [ssh.knownHosts]
      : [
          ...(own.knownHosts.length > 0 ? own.knownHosts : [inHome('known_hosts')]),
          SYSTEM_KNOWN_HOSTS,
        ],
  };
}

function spelled(hops: readonly Hop[]): string | undefined {
  const words = hops.map(({ user, host, port }) => {
    return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
  });
  return words.join(',') || undefined;
}

function jumpSpec(name: string, spec: string): { user?: string; host: string; port?: number } {
  const form =
    /^(?:ssh:\/\/)?(?:(?<user>[^@]+)@)?(?:\[(?<ip6>[^\]]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d+))?$/;
  const { user, ip6, host = ip6, port } = form.exec(spec.trim())?.groups ?? {};
  if (host === undefined) {
    throw new Failure('usage', `${name}: cannot read the jump host ${spec}`, {
      next: [remedy`write it as [user@]host[:port], an IPv6 address in square brackets`],
    });
  }
  return { host, ...(user && { user }), ...(port && { port: Number(port) }) };
}

function inHome(file: string): string {
  return join(homedir(), '.ssh', file);
}
