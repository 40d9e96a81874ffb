import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { decode, encode, type Message } from './wire.ts';

/** One change of one key, in the order etcd made them. */
export interface Change {
  readonly revision: bigint;
  readonly key: string;
  /** undefined when the key was deleted. */
  readonly value: string | undefined;
}

/** Why etcd ended a watch although its stream stands: what was asked for has been compacted. */
export class Compacted extends Error {
  readonly revision: bigint;
  constructor(revision: bigint) {
    super(`compacted up to revision ${revision}`);
    this.revision = revision;
  }
}

export interface WatchStream {
  /** Resolves with the reason when no more changes will come. */
  readonly ended: Promise<Error>;
  close(): void;
}

/** Watches every key from a revision on over a gRPC stream of its own. */
export function watchStream(
  session: ClientHttp2Session,
  from: bigint,
  onChanges: (changes: readonly Change[]) => void,
  onBytes: () => void = () => {},
): WatchStream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/etcdserverpb.Watch/Watch',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let why: Error | undefined;
  const end = (reason: Error) => {
    why ??= reason;
    stream.destroy();
  };
  const status = (headers: { readonly [name: string]: unknown }) => {
    if (headers['grpc-status'] === undefined) return;
    end(new Error(`gRPC status ${headers['grpc-status']} ${headers['grpc-message'] ?? ''}`));
  };
  stream.on('response', status);
  stream.on('trailers', status);
  stream.on('error', end);
  // A server that stops waits seven seconds for its watches to end; there are other members to go on at.
  const leave = () => end(new Error('the member is about to stop'));
  session.once('goaway', leave);
  stream.once('close', () => session.removeListener('goaway', leave));
  stream.on('data', onBytes);
  readMessages(stream, (message) => {
    if (message.int(4) === 0n) return onChanges(message.bytes(11).map(change));
    const compacted = message.int(5);
    const reason = String(message.bytes(6)[0] ?? 'etcd cancelled the watch');
    end(compacted > 0n ? new Compacted(compacted) : new Error(reason));
  });
  // The whole key space is \0 to \0 (etcd's api_reference_v3, "key ranges").
  const create = encode([
    [1, '\0'],
    [2, '\0'],
    [3, Number(from)],
  ]);
  stream.write(framed(encode([[1, create]])));
  return {
    ended: new Promise((resolve) => {
      stream.once('close', () => resolve(why ?? new Error('the stream was closed')));
    }),
    close: () => end(new Error('closed')),
  };
}

/** One flag byte, four bytes of length, then the message; as often as messages come. A long history comes in large ones. */
function readMessages(stream: ClientHttp2Stream, onMessage: (message: Message) => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 5;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      const length = 5 + all.readUInt32BE(1);
      wanted = length;
      chunks = [all];
      if (held < length) return;
      onMessage(decode(all.subarray(5, length)));
      chunks = [all.subarray(length)];
      held -= length;
      wanted = 5;
    }
  });
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function change(event: Buffer): Change {
  const message = decode(event);
  const pair = decode(message.bytes(2)[0] ?? Buffer.alloc(0));
  return {
    revision: pair.int(3),
    key: String(pair.bytes(1)[0] ?? ''),
    value: message.int(1) === 0n ? String(pair.bytes(5)[0] ?? '') : undefined,
  };
}
