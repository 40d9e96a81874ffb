import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../src/ssh/target.ts';

/** A real sshd on the loopback address, for the account that runs the tests. */
export interface Sshd {
  readonly port: number;
  readonly directory: string;
  /** A private key that may log in. */
  readonly identityFile: string;
  /** Knows the server under its address and port. */
  readonly knownHosts: string;
  readonly hostKey: (type: 'ed25519' | 'ecdsa' | 'rsa') => string;
  readonly target: (ssh?: Target['ssh']) => Target;
  /** What sshd has said (LogLevel VERBOSE). */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

export interface SshdOptions {
  readonly config?: readonly string[];
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  readonly address?: string;
}

// Ends with its stdin, so it does not outlive a test process that is killed.
const GUARDED = '"$@" & cat > /dev/null; kill $!; wait $!';

/** Starts it with keys of its own; resolves when it listens. */
export async function startSshd({
  config = [],
  hostKeys = ['ed25519'],
  address = '127.0.0.1',
}: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'provision-sshd-'));
  const path = (name: string) => join(directory, name);
  const port = await freePort(address);

  newKey(path('id'));
  for (const type of hostKeys) newKey(path(`host_${type}`), type);
  writeFileSync(path('authorized_keys'), readFileSync(path('id.pub')), { mode: 0o600 });
  const hostKey = (type: string) => readFileSync(path(`host_${type}.pub`), 'utf8').trim();
  writeFileSync(
    path('known_hosts'),
    hostKeys.map((type) => `[${address}]:${port} ${hostKey(type)}\n`).join(''),
  );
  writeFileSync(
    path('sshd_config'),
    [
      ...config,
      ...hostKeys.map((type) => `HostKey ${path(`host_${type}`)}`),
      `AuthorizedKeysFile ${path('authorized_keys')}`,
      'LogLevel VERBOSE',
      'StrictModes no',
      'PidFile none',
      'UsePAM no',
      // Whatever the profile of this account does must not bear on the tests.
      `SetEnv HOME=${directory}`,
    ].join('\n'),
  );
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });

  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', path('sshd_config')];
  const server = spawn('/bin/sh', [
    ...['-c', GUARDED, 'sh', ...sshd],
    ...[`-oListenAddress=${address}`, `-oPort=${port}`],
  ]);
  let said = '';
  server.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await listening(server, () => said);

  return {
    port,
    directory,
    identityFile: path('id'),
    knownHosts: path('known_hosts'),
    hostKey,
    target: (ssh = {}) => ({
      name: 'etcd01',
      address,
      ssh: {
        port,
        user: userInfo().username,
        identityFile: path('id'),
        knownHosts: path('known_hosts'),
        become: 'none',
        ...ssh,
      },
    }),
    log: () => said,
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        server.stdin.end();
        await once(server, 'exit');
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Writes a new key pair without a passphrase unless one is given. */
export function newKey(file: string, type = 'ed25519', passphrase = ''): void {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', '', '-f', file]);
}

async function freePort(address: string): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const at = server.address();
  server.close();
  await once(server, 'close');
  if (at === null || typeof at === 'string') throw new Error('no port');
  return at.port;
}

async function listening(server: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (said().includes('Server listening')) return;
    if (server.exitCode !== null) throw new Error(`sshd ended: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`sshd does not listen: ${said()}`);
}
