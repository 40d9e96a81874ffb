import type { Duplex } from 'node:stream';
import { type AuthenticationType, Client } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { lastWords, printable } from '../host/printable.ts';
import { remedy } from '../problem/remedy.ts';
import { algorithms } from './algorithms.ts';
import type { AuthMethod } from './auth-methods.ts';
import { destroyWhenSilent } from './dial.ts';
import { type Hop, sshCommand } from './hop.ts';
import { judgeHostKey, type Records, recordHostKey } from './host-key.ts';
import { keyType } from './known-hosts.ts';
import { login } from './login.ts';

const LOGIN_SECONDS = 20;
/** As long as sshd waits for a person to type a one-time code (LoginGraceTime). */
const TYPING_SECONDS = 120;
const PING_SECONDS = 10;
/** Nearly three pings: a dead link is found within 30 s. */
const SILENCE_SECONDS = 28;

/** One authenticated connection. */
export interface Link {
  readonly client: Client;
  /** What it is carried by. */
  readonly socket: Duplex;
  /** Why it ended; nothing while it lives. */
  readonly lost: Error | undefined;
}

/** The connection ended before the login for a reason that may pass (MaxStartups, a reset): trying again is sound. */
export class Dropped extends Error {}

/** The server showed another key than the pinned one; it may still hold that, of another type. */
export class OtherKey extends Error {
  readonly type: string;
  readonly failure: Failure;

  constructor(type: string, failure: Failure) {
    super(failure.message);
    this.type = type;
    this.failure = failure;
  }
}

export interface Handshake {
  readonly hop: Hop;
  /** What is recorded of the host. */
  readonly records: Records;
  readonly ways: readonly AuthMethod[];
  readonly socket: Duplex;
  /** Types of host keys not to ask for, and what to say when the server has no other. */
  readonly notTypes: readonly string[];
  readonly otherwise: Failure | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Verifies the host key, then logs in. Throws Dropped, OtherKey, or a Failure with reason `unreachable`. Nothing is
 * sent to authenticate before the key of the host was accepted.
 */
export async function openLink(handshake: Handshake): Promise<Link> {
  const { hop, records, ways, socket, notTypes, otherwise, signal } = handshake;
  const client = new Client();
  const link = { client, socket, lost: undefined as Error | undefined };
  let refusal: Error | undefined;
  let newKey: Buffer | undefined;
  let banner = '';
  let isVerified = false;
  let accepted: readonly AuthenticationType[] = [];
  const nextWay = login(ways);
  const give = (error: Error & { level?: string }) =>
    refusal ??
    (error.level === 'handshake' ? otherwise : undefined) ??
    explain(hop, error, { ways, accepted, banner });

  const ready = new Promise<void>((resolve, reject) => {
    client.on('ready', resolve);
    client.on('banner', (text) => {
      banner = text.slice(0, 4096);
    });
    client.on('error', (error) => {
      // An agent that cannot sign is one way in less, not the end.
      if (error.level === 'agent') return;
      link.lost ??= error;
      reject(give(error));
    });
    client.on('handshake', () => {
      isVerified = true;
    });
    client.on('close', () => {
      link.lost ??= new Error('the server closed the connection');
      // sshd closes at once when it has too many logins under way; later, it has judged this one.
      const why = isVerified
        ? notLetIn(hop, 'it closed the connection during the login', banner)
        : new Dropped('the server closed the connection');
      reject(refusal ?? why);
    });
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

  const mayAsk = ways.some(({ method }) => method.type === 'keyboard-interactive');
  client.connect({
    sock: socket,
    username: hop.user,
    readyTimeout: (mayAsk ? TYPING_SECONDS : LOGIN_SECONDS) * 1000,
    keepaliveInterval: PING_SECONDS * 1000,
    // Silence is measured on the socket, where traffic counts as a sign of life, too.
    keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    algorithms: algorithms(
      records.map((record) => record.type),
      notTypes,
    ),
    hostVerifier: (key: Buffer) => {
      const verdict = judgeHostKey(hop, records, key);
      if (verdict === 'new') newKey = key;
      if (!(verdict instanceof Failure)) return true;
      refusal = hop.hostKey === undefined ? verdict : new OtherKey(keyType(key), verdict);
      return false;
    },
    authHandler: (left, isPartialSuccess, next) => {
      accepted = left ?? accepted;
      const way = nextWay(left ?? undefined, isPartialSuccess);
      // ssh2 takes `false` for "none left"; its types do not say so.
      next(way?.method ?? (false as unknown as AuthenticationType));
    },
  });

  try {
    await ready;
    destroyWhenSilent(socket, SILENCE_SECONDS);
    // Only now has the host proved that it holds the key it showed.
    if (newKey !== undefined) await recordHostKey(hop, newKey);
    return link;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

interface Login {
  readonly ways: readonly AuthMethod[];
  readonly accepted: readonly string[];
  readonly banner: string;
}

function explain(
  hop: Hop,
  error: Error & { level?: string; code?: unknown },
  { ways, accepted, banner }: Login,
): Error {
  const where = `${hop.host} port ${hop.port}`;
  switch (error.level) {
    case 'client-authentication': {
      const tried = ways.map((way) => way.label).join(', ');
      return notLetIn(hop, `tried: ${tried}; taken there: ${accepted.join(', ')}`, banner);
    }
    case 'client-socket':
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return new Dropped(error.message);
      // A name with several addresses fails by an AggregateError, whose message is empty.
      return new Failure(
        'unreachable',
        `${hop.name}: cannot reach ${where}: ${error.message || String(error.code)}`,
        { next: [remedy`is the machine up, does sshd run there, is a firewall in between?`] },
      );
    case 'protocol':
      return new Dropped(error.message);
    default:
      return new Failure(
        'unreachable',
        `${hop.name}: no SSH session with ${where}: ${lastWords(error.message)}`,
        { next: [remedy`see what ssh itself says: ssh -v ${where}`] },
      );
  }
}

function notLetIn(hop: Hop, why: string, banner: string): Failure {
  const { name, user, host, port } = hop;
  const said = lastWords(banner);
  return new Failure(
    'unreachable',
    `${name}: ${user} was not let into ${host} port ${port} (${why})${said && `: ${said}`}`,
    {
      next: [remedy`see what ssh says: ${sshCommand(hop, ['-v'])}`],
      log: printable(banner),
    },
  );
}
