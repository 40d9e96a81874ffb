import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { privateKeyPem } from '../../../src/pki/keys/key-files.ts';
import { inspectCertificate, inspectDer } from '../../../src/pki/verify/inspect.ts';
import { servedCertificate } from '../../../src/pki/verify/served.ts';
import { makeCa, makeLeaf, P256 } from '../workshop.ts';

async function listener(t: ExecutionContext, options: TlsOptions) {
  const ca = await makeCa({}, P256, new Date());
  const leaf = await makeLeaf(ca, {}, P256, new Date());
  const server = createServer({
    cert: leaf.certificate,
    key: privateKeyPem(leaf.privateKey).reveal(),
    ca: ca.certificate,
    ...options,
  });
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { ca, port, serial: inspectCertificate(leaf.certificate).serial };
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const requestCert of [false, true]) {
    test(`servedCertificate() sees what a ${maxVersion} listener shows that ${requestCert ? 'demands' : 'wants no'} client certificates`, async (t) => {
      const { port, serial } = await listener(t, { maxVersion, requestCert });
      const der = await servedCertificate({ host: '127.0.0.1', port }, { name: 'x' });
      t.is(inspectDer(der).serial, serial);
    });
  }
}

test('servedCertificate() works through a stream, and with a pair to show', async (t) => {
  const { ca, port, serial } = await listener(t, { requestCert: true, rejectUnauthorized: true });
  const client = await makeLeaf(ca, { usages: ['clientAuth'] }, P256, new Date());
  const stream = connect(port, '127.0.0.1');
  const pair = { certificate: client.certificate, key: privateKeyPem(client.privateKey) };
  t.is(inspectDer(await servedCertificate({ stream }, { name: 'x', pair })).serial, serial);
});

test('servedCertificate() says that what answers shows none', async (t) => {
  const server = createPlainServer((socket) =>
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const error = await t.throwsAsync(
    servedCertificate({ host: '127.0.0.1', port }, { name: 'etcd01 client port' }),
  );
  t.like(error, {
    name: 'Failure',
    reason: 'unreachable',
    message: 'etcd01 client port: shows no certificate',
  });
});

test('servedCertificate() gives up on who does not answer', async (t) => {
  const server = createPlainServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const error = await t.throwsAsync(
    servedCertificate({ host: '127.0.0.1', port }, { name: 'x', deadline: 0.2 }),
  );
  t.like(error?.cause, { message: 'no answer in 0.2 s' });
});
