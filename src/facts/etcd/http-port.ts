import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { Failure } from '../../failure/failure.ts';
import type { CertificatePair } from '../../pki/store/store.ts';

/**
 * Which client to be, nobody without a pair; and whose certificate to accept: without `ca` any, since nothing secret is told
 * or believed.
 */
export interface Credentials {
  readonly pair?: CertificatePair;
  readonly ca?: { readonly bundle: string; readonly address: string };
}

export interface HttpQuestion {
  readonly path: string;
  /** Sent as JSON by POST; without it, it is a GET. */
  readonly body?: string;
  /** An answer with another status than 200 counts too. */
  readonly anyStatus?: boolean;
}

/** What a port says, and in which headers. */
export interface HttpAnswer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Who listens there does not speak TLS. */
export class SpeaksPlainly extends Failure {
  override readonly name = 'SpeaksPlainly';
}

/**
 * Asks one question after the other over one connection, by TLS where credentials are given, and closes it. Gives nothing
 * where there is no connection, or one of them is not answered, with 200 unless told, within so many seconds each. Throws SpeaksPlainly
 * where credentials are given to a listener without TLS.
 */
export async function askOver(
  dial: () => Promise<Duplex>,
  questions: readonly HttpQuestion[],
  credentials: Credentials | undefined,
  seconds: number,
): Promise<readonly HttpAnswer[] | undefined> {
  const stream = await dialled(dial, seconds);
  if (stream === undefined) return undefined;
  const socket = credentials === undefined ? stream : secured(stream, credentials);
  // Each question hears of it, too; between two of them nobody else would.
  socket.on('error', () => {});
  const answers: HttpAnswer[] = [];
  try {
    if (socket !== stream && !(await isSecured(socket as TLSSocket, seconds))) return undefined;
    for (const question of questions) {
      const answer = await askNext(socket, question, seconds);
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  } finally {
    socket.destroy();
    stream.destroy();
  }
}

/** A connection made in time; one that comes later is closed. */
async function dialled(dial: () => Promise<Duplex>, seconds: number): Promise<Duplex | undefined> {
  const dialling = dial();
  const stream = await Promise.race([dialling, sleep(seconds * 1000, undefined, { ref: false })]);
  if (stream === undefined)
    dialling.then(
      (late) => late.destroy(),
      () => {
        // Nothing was made that had to be closed.
      },
    );
  return stream;
}

/** A client's side of handshakes: made once, and then remembered by the listeners that it has met. */
interface Client {
  readonly id: string;
  readonly context: SecureContext;
  /** By address: what a listener gave for the next handshake, which it takes only as long as its process lives. */
  readonly sessions: Map<string, Buffer>;
}

let last: Client | undefined;

/** A run asks again and again as one client, and making its context costs as much as the rest of a handshake. */
function clientOf({ pair, ca }: Credentials): Client {
  const own = {
    ...(pair && { cert: pair.certificate, key: pair.key.reveal() }),
    ...(ca && { ca: ca.bundle }),
  };
  const id = createHash('sha256').update(JSON.stringify(own)).digest('hex');
  if (last?.id !== id) last = { id, context: createSecureContext(own), sessions: new Map() };
  return last;
}

function secured(stream: Duplex, credentials: Credentials): TLSSocket {
  const { ca } = credentials;
  const { context, sessions } = clientOf(credentials);
  const own = { socket: stream, secureContext: context };
  if (ca === undefined) return connect({ ...own, rejectUnauthorized: false });
  const session = sessions.get(ca.address);
  const options: ConnectionOptions = { ...own, host: ca.address, ...(session && { session }) };
  const socket = connect(options);
  socket.on('session', (given: Buffer) => sessions.set(ca.address, given));
  return socket;
}

// A line of http where a record was awaited, or the end of the connection.
const NO_TLS: ReadonlySet<string | undefined> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ECONNRESET',
]);

/**
 * Whether the handshake succeeds in time. A listener with TLS answers a bad one with an alert; etcd without TLS answers in
 * http or hangs up, and logs nothing of it, while plain http to its TLS port leaves a line that looks like a broken peer.
 */
function isSecured(socket: TLSSocket, seconds: number): Promise<boolean> {
  return new Promise<boolean>((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    const once = (event: string, done: (error: NodeJS.ErrnoException) => void) =>
      socket.once(event, (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        done(error);
      });
    once('secureConnect', () => resolve(true));
    once('error', ({ code }) =>
      NO_TLS.has(code)
        ? reject(new SpeaksPlainly('failed', 'the listener does not speak TLS', { next: [] }))
        : resolve(false),
    );
    once('close', () => resolve(false));
  });
}

function askNext(
  socket: Duplex,
  { path, body, anyStatus = false }: HttpQuestion,
  seconds: number,
): Promise<HttpAnswer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(undefined), seconds * 1000);
    const end = (answer: HttpAnswer | undefined) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const question = request({
      createConnection: () => socket,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        host: 'etcd',
        connection: 'keep-alive',
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    let heard: HttpAnswer | undefined;
    question.on('error', () => end(undefined));
    // Only then has it let go of the connection: an answer may come before its question is seen to be sent, and the next one
    // that is put between the two is not heard.
    question.on('close', () => end(heard));
    question.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => end(undefined));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isHeard = anyStatus || answer.statusCode === 200;
        heard = isHeard ? { text, headers: answer.headers } : undefined;
      });
    });
    question.end(body);
  });
}
