import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { readConfigText } from './ssh-config-text.ts';

/** What ~/.ssh/config says about a host, as far as it is honoured. */
export interface HostConfig {
  readonly hostName: string | undefined;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly proxyJump: string | undefined;
  readonly proxyCommand: string | undefined;
  readonly knownHosts: readonly string[];
  /** Whether it asks for strict host keys in so many words. */
  readonly strict: boolean;
}

/** What the file says of a host, given the user the inventory names, if any. */
export type SshConfig = (host: string, user: string | undefined) => HostConfig;

/** Reads an ssh_config(5); no file says nothing. Throws a Failure when it cannot be trusted, read or understood. */
export async function readSshConfig(file = join(homedir(), '.ssh/config')): Promise<SshConfig> {
  const text = await readConfigText(file);
  if (text.trim() === '') return () => SILENT;

  const { SSHConfig } = await import('ssh-config');
  const config = parse(file, () => SSHConfig.parse(text));
  return (host, user) => {
    // `Match exec` would run whatever the file names.
    const found = config.compute(
      { Host: host, ...(user && { User: user }) },
      { ignoreCase: true, matchExec: false },
    );
    const all = (key: string) => [found[key] ?? []].flat();
    const given = (key: string) => all(key).filter((value) => value.toLowerCase() !== 'none');
    const hostName = all('hostname')[0]?.replaceAll('%h', host);
    const [port] = all('port');
    const paths = (key: string) =>
      given(key).map((path) =>
        expand(path, { h: hostName ?? host, r: user ?? all('user')[0] ?? '', p: port ?? '22' }),
      );
    return {
      hostName,
      user: all('user')[0],
      port: port === undefined ? undefined : Number(port),
      identityFiles: paths('identityfile'),
      identitiesOnly: all('identitiesonly')[0]?.toLowerCase() === 'yes',
      proxyJump: all('proxyjump')[0],
      proxyCommand: given('proxycommand').join(' ') || undefined,
      knownHosts: paths('userknownhostsfile'),
      strict: all('stricthostkeychecking')[0]?.toLowerCase() === 'yes',
    };
  };
}

const SILENT: HostConfig = {
  hostName: undefined,
  user: undefined,
  port: undefined,
  identityFiles: [],
  identitiesOnly: false,
  proxyJump: undefined,
  proxyCommand: undefined,
  knownHosts: [],
  strict: false,
};

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Failure('usage', `${file}: not an ssh configuration`, {
      cause,
      next: [remedy`ssh -G localhost shows what ssh makes of it`],
    });
  }
}

// ssh_config(5), TOKENS; those that name keys or certificates are left alone.
function expand(path: string, tokens: Readonly<Record<string, string>>): string {
  const words = path
    .replace(/^~(?=\/|$)/, homedir())
    .replace(/%[dhpr%]/g, (token) =>
      token === '%%' ? '%' : ({ '%d': homedir() }[token] ?? tokens[token.slice(1)] ?? token),
    );
  return resolve(homedir(), '.ssh', words);
}
