import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { mirror } from './mirror.ts';
import { temporary } from './sample.ts';

const DOWNLOAD = new URL('../../src/binaries/download.ts', import.meta.url).href;
const RENDER = new URL('../../src/problem/render.ts', import.meta.url).href;

/** What get() makes of a URL in a process with an environment of its own: proxies and authorities are read at its start. */
async function getElsewhere(url: string, environment: NodeJS.ProcessEnv): Promise<unknown> {
  const script = `
    import { get } from ${JSON.stringify(DOWNLOAD)};
    import { text } from 'node:stream/consumers';
    import { nextText } from ${JSON.stringify(RENDER)};
    const said = await get(${JSON.stringify(url)}).then(
      async ({ status, body }) => ({ status, body: await text(body) }),
      ({ reason, message, next }) => ({ reason, message, next: nextText(next) }),
    );
    console.log(JSON.stringify(said));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import=tsx', '--input-type=module', '--eval', script],
    { env: { PATH: process.env.PATH, ...environment } },
  );
  return JSON.parse(stdout);
}

/** An HTTPS server on loopback with a certificate of its own making. */
async function secureMirror(t: ExecutionContext, location: string) {
  const directory = temporary(t);
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', '/CN=mirror', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'],
      ...['-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const server = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (_request, response) => response.writeHead(302, { location }).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/`, certificate };
}

test('get() refuses a redirect from an encrypted address to one that is not', async (t) => {
  const plain = await mirror(t, (_request, response) => response.end('anything'));
  const { url, certificate } = await secureMirror(t, plain.url);
  t.deepEqual(await getElsewhere(url, { NODE_EXTRA_CA_CERTS: certificate }), {
    reason: 'refused',
    message: `${url} redirects to ${plain.url}/, which is not encrypted`,
    next: 'name another mirror under etcd.source.release.url in the inventory',
  });
  t.deepEqual(plain.asked, []);
});

test('get() says what is wrong with a certificate', async (t) => {
  const { url } = await secureMirror(t, '/');
  t.deepEqual(await getElsewhere(url, {}), {
    reason: 'failed',
    message: `${url}: its certificate is self-signed`,
    next: 'run it again; where there is no way out, set https_proxy or use etcd.source.archive with a file you fetched',
  });
});

test('get() goes by the proxy of the environment, except where no_proxy says not to', async (t) => {
  const { url } = await mirror(t, (_request, response) => response.end('by no proxy'));
  const proxy = await mirror(t, (_request, response) => response.end('by proxy'));
  const tunnels: string[] = [];
  proxy.server.on('connect', ({ url: target = '' }, socket, head) => {
    tunnels.push(target);
    const [host = '', port = ''] = target.split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });

  await getElsewhere(url, { http_proxy: proxy.url });
  t.is(tunnels.length + proxy.asked.length, 1);
  t.deepEqual(await getElsewhere(url, { http_proxy: proxy.url, no_proxy: '127.0.0.1' }), {
    status: 200,
    body: 'by no proxy',
  });
  t.is(tunnels.length + proxy.asked.length, 1);
});

test('get() survives a server that hangs up behind an answer which is read in pauses', async (t) => {
  const size = 4_000_000;
  // As HTTP/1.0 has it: no connection is kept.
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(`HTTP/1.0 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      socket.end(Buffer.alloc(size));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { get } = await import('../../src/binaries/download.ts');
  for (let times = 0; times < 5; times++) {
    const { body } = await get(`http://127.0.0.1:${port}/`);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      await setTimeout(0);
    }
    t.is(bytes, size);
  }
});
