import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { Failure } from '../failure/failure.ts';
import type { CertificatePair } from '../pki/store.ts';
import { readPair } from '../pki/store.ts';

const SECONDS = 5;

/** What a port of etcd says at a path, and in which headers. */
export interface PortAnswer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * Asks a port of a member by HTTP, first with the admin's pair from the store, then without TLS: while a protocol is being
 * switched it may speak either. Gives nothing where neither is answered with 200 within 5 s.
 */
export async function askPort(
  dial: () => Promise<Duplex>,
  path: string,
  store: string,
): Promise<PortAnswer | undefined> {
  const known = await adminOf(store);
  return (known && (await asked(dial, path, known))) ?? (await asked(dial, path, undefined));
}

async function adminOf(store: string): Promise<CertificatePair | undefined> {
  try {
    return await readPair(store, 'admin');
  } catch (error) {
    // A cluster without TLS has none.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function asked(
  dial: () => Promise<Duplex>,
  path: string,
  pair: CertificatePair | undefined,
): Promise<PortAnswer | undefined> {
  try {
    return await get(await dial(), path, pair);
  } catch (error) {
    // Nobody listens there; whether a member answers at all is asked in another way.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function get(
  stream: Duplex,
  path: string,
  pair: CertificatePair | undefined,
): Promise<PortAnswer | undefined> {
  return new Promise((resolve) => {
    const socket =
      pair === undefined
        ? stream
        : connect({
            socket: stream,
            // Nothing is told to it and nothing secret comes back.
            rejectUnauthorized: false,
            cert: pair.certificate,
            key: pair.key.reveal(),
          });
    const end = (answer: PortAnswer | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      stream.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), SECONDS * 1000);
    socket.on('error', () => end(undefined));
    const question = request({
      createConnection: () => socket,
      path,
      headers: { host: 'etcd', connection: 'close' },
    });
    question.on('error', () => end(undefined));
    question.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => end(undefined));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        end(answer.statusCode === 200 ? { text, headers: answer.headers } : undefined);
      });
    });
    question.end();
  });
}
