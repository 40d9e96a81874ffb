import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a server, for the ways a network fails. */
export interface Relay {
  readonly port: number;
  /** Connections taken so far. */
  readonly taken: () => number;
  /** Closes the next so many connections as soon as they are made. */
  readonly drop: (count: number) => void;
  /** Resets every connection there is. */
  readonly cut: () => void;
  /** Passes nothing on any more, yet closes nothing: as when a cable is pulled. */
  readonly freeze: () => void;
  readonly stop: () => Promise<void>;
}

export async function startRelay(to: number): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let taken = 0;
  let toDrop = 0;
  const server = createServer((client) => {
    taken += 1;
    client.on('error', () => {
      // Resets are what this relay is for.
    });
    if (toDrop > 0) {
      toDrop -= 1;
      client.destroy();
      return;
    }
    const upstream = connect(to, '127.0.0.1').on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    pairs.add([client, upstream]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');

  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    pairs.clear();
  };
  return {
    port: at.port,
    taken: () => taken,
    drop: (count) => {
      toDrop = count;
    },
    cut,
    freeze: () => {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
