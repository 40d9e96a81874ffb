import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { sh } from '../../src/shell/command.ts';
import { connected, sshdFor } from './connected.ts';

/** Says everything back, until it hears the word bye. */
async function echo(t: ExecutionContext): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('data', (bytes) => {
      socket.write(bytes);
      if (bytes.includes('bye')) socket.end();
    });
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new TypeError('no port');
  return at.port;
}

async function heard(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

for (const [forwards, config] of [
  ['forwards', []],
  ['does not forward', ['AllowTcpForwarding no']],
  ['forwards nothing at all', ['DisableForwarding yes']],
] as const) {
  test(`dial() carries bytes both ways where sshd ${forwards}, and ends with the connection`, async (t) => {
    const host = await connected(t, (await sshdFor(t, { config })).target());
    const stream = await host.dial('127.0.0.1', await echo(t));
    stream.write('first, ');
    const [first] = await once(stream, 'data');
    t.is(String(first), 'first, ');
    const rest = heard(stream);
    stream.write('then bye');
    t.is(await rest, 'then bye');
    t.is((await host.run(sh`echo on`)).stdout, 'on\n');
  });

  test(`dial() says that nobody answers where sshd ${forwards}`, async (t) => {
    const host = await connected(t, (await sshdFor(t, { config })).target());
    const failure = await t.throwsAsync(async () => heard(await host.dial('127.0.0.1', 1)), {
      instanceOf: Failure,
    });
    t.is(failure?.message, 'etcd01: nobody answers at 127.0.0.1 port 1');
  });
}
