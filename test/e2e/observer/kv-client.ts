import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type Change, type WatchStream, watchStream } from './watch-stream.ts';
import { decode, encode, type Field, type Message } from './wire.ts';

/** One member as a client reaches it. Files are read again for each connection. */
export interface Endpoint {
  /** `http://…` or `https://…`, with port. */
  readonly url: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** An etcd client of our own over gRPC, so that what judges the product shares no code with it. */
export interface KvClient {
  /** Resolves when etcd acknowledged the write, with the id of its cluster in hexadecimal. */
  put(key: string, value: string, milliseconds: number): Promise<string>;
  /** A linearizable read of [from, end); `end` left out means one key. */
  range(
    from: string,
    end: string,
    limit: number,
    milliseconds: number,
  ): Promise<readonly KeyValue[]>;
  /** The ids of cluster and member, in hexadecimal, as the member itself says them with an answer. */
  identity(milliseconds: number): Promise<{ readonly cluster: string; readonly member: string }>;
  /** Every change of any key from this revision on; `onBytes` is called whenever anything at all comes. */
  watch(
    from: bigint,
    onChanges: (changes: readonly Change[]) => void,
    onBytes: () => void,
  ): WatchStream;
  close(): void;
}

/** Connects when first used, and again after each connection that broke. */
export function kvClient(endpoint: Endpoint): KvClient {
  let session: ClientHttp2Session | undefined;

  const connected = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    const fresh = connect(endpoint.url, credentials(endpoint));
    // The request that runs into it says so; here it must only not be fatal.
    fresh.on('error', () => fresh.destroy());
    fresh.on('goaway', () => fresh.close());
    session = fresh;
    return fresh;
  };

  const call = (method: string, request: Buffer, milliseconds: number): Promise<Message> =>
    unary(connected(), `/etcdserverpb.KV/${method}`, request, milliseconds).catch(
      (error: unknown) => {
        // A connection that swallowed one request would swallow the next.
        session?.destroy();
        throw error;
      },
    );

  return {
    async put(key, value, milliseconds) {
      const request = encode([
        [1, key],
        [2, value],
      ]);
      const answer = await call('Put', request, milliseconds);
      return decode(answer.bytes(1)[0] ?? Buffer.alloc(0))
        .int(1)
        .toString(16);
    },
    async range(from, end, limit, milliseconds) {
      const request = encode([
        [1, from],
        [2, end],
        [3, limit],
      ]);
      const answer = await call('Range', request, milliseconds);
      return answer.bytes(2).map((bytes) => {
        const pair = decode(bytes);
        return { key: String(pair.bytes(1)[0] ?? ''), value: String(pair.bytes(5)[0] ?? '') };
      });
    },
    async identity(milliseconds) {
      const answer = await call('Range', encode([[1, 'probe']]), milliseconds);
      const header = decode(answer.bytes(1)[0] ?? Buffer.alloc(0));
      return { cluster: header.int(1).toString(16), member: header.int(2).toString(16) };
    },
    watch: (from, onChanges, onBytes) => watchStream(connected(), from, onChanges, onBytes),
    close() {
      session?.destroy();
    },
  };
}

/** Any call of etcd's with one message each way, over a connection of its own. */
export async function etcdCall(
  endpoint: Endpoint,
  path: string,
  fields: readonly Field[],
  milliseconds = 10_000,
): Promise<Message> {
  const session = connect(endpoint.url, credentials(endpoint));
  session.on('error', () => session.destroy());
  try {
    return await unary(session, path, encode(fields), milliseconds);
  } finally {
    session.destroy();
  }
}

/** The files of an endpoint as TLS wants them. */
export function credentials({ caFile, certFile, keyFile }: Endpoint): {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
} {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile) }),
    ...(certFile !== undefined && { cert: readFileSync(certFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
  };
}

/** One gRPC call with one message each way; rejects with etcd's own words, the connection's, or `no answer in … ms`. */
function unary(
  session: ClientHttp2Session,
  path: string,
  request: Buffer,
  milliseconds: number,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status = 'missing: the connection closed without an answer';
    const read = (headers: { readonly [name: string]: unknown }): void => {
      if (headers['grpc-status'] === undefined) return;
      const ok = headers['grpc-status'] === '0';
      status = ok ? '0' : `${headers['grpc-status']} ${headers['grpc-message'] ?? ''}`;
    };
    const failed = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => {
      stream.destroy();
      failed(new Error(`no answer in ${milliseconds} ms`));
    }, milliseconds);

    session.once('error', failed);
    stream.once('error', failed);
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('close', () => {
      session.removeListener('error', failed);
      clearTimeout(timer);
      if (status !== '0') return reject(new Error(`gRPC status ${status}`));
      // One flag byte, four bytes of length, then the message.
      resolve(decode(Buffer.concat(chunks).subarray(5)));
    });

    const head = Buffer.alloc(5);
    head.writeUInt32BE(request.length, 1);
    stream.end(Buffer.concat([head, request]));
  });
}
