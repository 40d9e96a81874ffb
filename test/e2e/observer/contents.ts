import { createHash } from 'node:crypto';
import { connect } from 'node:http2';
import { betweenLeaders } from './between-leaders.ts';
import { credentials, type Endpoint, etcdCall } from './kv-client.ts';
import { decode, encode, type Message } from './wire.ts';

/** Everything a member holds, as our own client reads it there. */
export interface Contents {
  readonly clusterId: string;
  readonly revision: number;
  readonly keys: number;
  /** Of every key but provision's own with its value and the revision that wrote it. */
  readonly hash: string;
}

const RANGE = '/etcdserverpb.KV/Range';
const PAGE = 2000;
/** What provision writes to prove that clients are served. */
const HEALTH_KEY = 'provision/health';

/** Reads the whole keyspace of a member, at one revision; the first read is linearizable. */
export async function contents(endpoint: Endpoint): Promise<Contents> {
  const hash = createHash('sha256');
  let keys = 0;
  let head: Message | undefined;
  let from = Buffer.from('\0');
  for (;;) {
    const at = head?.int(3) ?? 0n;
    const answer = await etcdCall(endpoint, RANGE, [
      [1, from],
      [2, '\0'],
      [3, PAGE],
      [4, at],
    ]);
    head ??= decode(answer.bytes(1)[0] ?? Buffer.alloc(0));
    for (const bytes of answer.bytes(2)) {
      const pair = decode(bytes);
      const key = pair.bytes(1)[0] ?? Buffer.alloc(0);
      if (key.toString() !== HEALTH_KEY)
        hash.update(`${key.toString('hex')} ${pair.int(3)} ${pair.bytes(5)[0]?.toString('hex')}\n`);
      keys += 1;
      from = Buffer.concat([key, Buffer.from('\0')]);
    }
    if (answer.int(3) === 0n) break;
  }
  const clusterId = hexadecimal(head?.int(1) ?? 0n);
  return { clusterId, revision: Number(head?.int(3) ?? 0), keys, hash: hash.digest('hex') };
}

/** What a watcher of everything hears first: that it may watch, or from which revision on alone it might. */
export function watchFrom(
  endpoint: Endpoint,
  revision: number,
): Promise<'watching' | { readonly compacted: number }> {
  const session = connect(endpoint.url, credentials(endpoint));
  const watching = new Promise<'watching' | { compacted: number }>((resolve, reject) => {
    session.once('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/etcdserverpb.Watch/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('the watch ended without a word')));
    const all = [
      [1, '\0'],
      [2, '\0'],
      [3, revision],
    ] as const;
    stream.write(framed(encode([[1, encode(all)]])));
    // After `created` comes either `canceled`, or nothing until something is written: so something is asked for.
    const progress = framed(encode([[3, Buffer.from([0x08, 0x00])]]));
    let heard = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      for (;;) {
        const length = heard.length < 5 ? 0 : heard.readUInt32BE(1);
        if (heard.length < 5 + length || heard.length < 5) return;
        const said = decode(heard.subarray(5, 5 + length));
        heard = heard.subarray(5 + length);
        if (said.int(4) !== 0n) resolve({ compacted: Number(said.int(5)) });
        else if (said.int(3) !== 0n) stream.write(progress);
        else resolve('watching');
      }
    });
  });
  return watching.finally(() => session.destroy());
}

/** Who a member says it is and who leads, as ids in hexadecimal. */
export async function memberIds(
  endpoint: Endpoint,
): Promise<{ readonly own: string; readonly leader: string }> {
  const answer = await etcdCall(endpoint, '/etcdserverpb.Maintenance/Status', []);
  const head = decode(answer.bytes(1)[0] ?? Buffer.alloc(0));
  return { own: hexadecimal(head.int(2)), leader: hexadecimal(answer.int(4)) };
}

/** Raises an alarm for a member, as etcd itself does; or takes it back. */
export async function setAlarm(
  endpoint: Endpoint,
  memberId: string,
  alarm: 'NOSPACE' | 'CORRUPT',
  isRaised: boolean,
): Promise<void> {
  await betweenLeaders(() =>
    etcdCall(endpoint, '/etcdserverpb.Maintenance/Alarm', [
      [1, isRaised ? 1 : 2],
      [2, BigInt(`0x${memberId}`)],
      [3, alarm === 'NOSPACE' ? 1 : 2],
    ]),
  );
}

function hexadecimal(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
