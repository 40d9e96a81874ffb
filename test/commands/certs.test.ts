import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { inspectCertificate } from '../../src/pki/verify/inspect.ts';
import { openssl, scratch } from '../pki/workshop.ts';
import { provision as runCli } from './run-cli.ts';

const SEED = fileURLToPath(new URL('../pki/issue/cfssl/seed-000', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory with an inventory, and the command line run in it without a terminal. */
async function desk(t: ExecutionContext) {
  const directory = await scratch(t);
  const inventory = `cluster: lab
etcd: {version: 3.5.30}
pki: {subject: {C: CN, O: etcd, OU: ops}, expiry: {leaf: 100h}}
members: [{name: etcd01, address: 198.18.0.1}]
`;
  await writeFile(join(directory, 'inv.yaml'), inventory);
  const provision = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> => {
    const { exitCode, stdout, stderr } = await runCli(directory, ['certs', ...args], env);
    return { code: Number(exitCode), stdout, stderr };
  };
  const certificate = async (path: string) =>
    inspectCertificate(await readFile(join(directory, path), 'utf8'));
  return { directory, provision, certificate, at: (name: string) => join(directory, name) };
}

test('certs issue makes a client certificate in every form, under the CA of the inventory', async (t) => {
  const { provision, certificate, at } = await desk(t);
  t.is((await provision(['init-ca', 'inv.yaml'])).code, 0);
  const issued = await provision(
    [
      'issue',
      '--cn',
      'apiserver',
      '--org',
      'system:masters,b',
      '--format',
      'pair,bundle,p12',
      '--p12-passphrase-from',
      'env:PW',
      '--out',
      'out',
      '--json',
      'inv.yaml',
    ],
    { PW: 'open sesame' },
  );
  t.is(issued.stderr, '');
  t.deepEqual(JSON.parse(issued.stdout).files, [
    'out/apiserver.key',
    'out/apiserver.crt',
    'out/apiserver.pem',
    'out/apiserver.p12',
  ]);
  const fact = await certificate('out/apiserver.crt');
  t.deepEqual(
    [fact.subject.map(({ type, value }) => `${type}=${value}`), fact.names, fact.usages],
    [['C=CN', 'O=system:masters', 'O=b', 'OU=ops', 'CN=apiserver'], [], ['clientAuth']],
  );
  t.is(fact.notAfter.getTime() - fact.notBefore.getTime(), 100 * 3_600_000);
  const modes = await Promise.all(
    (await readdir(at('out'))).map(async (file) => (await stat(at(`out/${file}`))).mode & 0o777),
  );
  t.deepEqual(modes, [0o600, 0o600, 0o600, 0o600]);
  t.is(
    await openssl('verify', '-CAfile', at('lab.pki/ca.crt'), at('out/apiserver.pem')),
    `${at('out/apiserver.pem')}: OK\n`,
  );
  t.regex(
    await openssl(
      'pkcs12',
      '-in',
      at('out/apiserver.p12'),
      '-passin',
      'pass:open sesame',
      '-nodes',
    ),
    /BEGIN PRIVATE KEY/,
  );
});

test('certs issue signs nothing with the store of other members', async (t) => {
  const { provision } = await desk(t);
  await provision(['init-ca', 'inv.yaml']);
  const server = ['issue', '--cn', 'etcd01', '--profile', 'server', '--host', '10.9.0.1'];
  const made = await provision([
    ...server,
    '--name',
    'server',
    '--out',
    'lab.pki/etcd01',
    'inv.yaml',
  ]);
  t.is(made.code, 0, made.stderr);
  const refused = await provision(['issue', '--cn', 'app', '--out', 'out', 'inv.yaml']);
  t.is(refused.code, 3);
  t.regex(
    refused.stderr,
    /lab\.pki: holds the certificates of other members \(etcd01 at 10\.9\.0\.1\) and of none in the inventory/,
  );
});

test('certs issue replaces no file unasked, and says how to', async (t) => {
  const { provision, at } = await desk(t);
  await provision(['init-ca', 'inv.yaml']);
  const issue = [
    'issue',
    'inv.yaml',
    '--cn',
    'x',
    '--profile',
    'server',
    '--service',
    'etcd.kube-system',
  ];
  t.is((await provision(issue)).code, 0);
  const before = await readFile(at('x.key'), 'utf8');
  t.deepEqual(await provision(issue), {
    code: 3,
    stdout: '',
    stderr:
      'error: x.key: is there already\n  next: add --overwrite, or name another --out or --name\n',
  });
  t.is(await readFile(at('x.key'), 'utf8'), before);
  t.is((await provision([...issue, '--overwrite'])).code, 0);
  t.not(await readFile(at('x.key'), 'utf8'), before);
});

test('certs issue signs a request without ever seeing its key', async (t) => {
  const { provision, certificate, at } = await desk(t);
  await provision(['init-ca', 'inv.yaml']);
  await openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('own.key'),
    '-out',
    at('own.csr'),
    '-subj',
    '/CN=calico',
    '-addext',
    'subjectAltName=DNS:calico.svc',
  );
  const issued = await provision(['issue', 'inv.yaml', '--csr', 'own.csr', '--expiry', '24h']);
  t.is(issued.stderr, '');
  const fact = await certificate('calico.crt');
  t.deepEqual(
    [fact.names, fact.keyUsages, fact.key],
    [['calico.svc'], ['digitalSignature', 'keyEncipherment'], { algo: 'rsa', size: 2048 }],
  );
  t.deepEqual((await readdir(at('.'))).sort(), [
    'calico.crt',
    'inv.yaml',
    'lab.pki',
    'own.csr',
    'own.key',
  ]);
});

test('certs init-ca and certs issue stand in for cfssl: ca.pem, ca-key.pem, ca.csr, then X.pem, X-key.pem, X.csr', async (t) => {
  const { provision, certificate, at } = await desk(t);
  t.is((await provision(['init-ca', '--request', join(SEED, 'ca-csr.json')])).code, 0);
  const issued = await provision([
    'issue',
    '--ca',
    'ca.pem',
    '--ca-key',
    'ca-key.pem',
    '--config',
    join(SEED, 'ca-config.json'),
    '--profile',
    'etcd-ca',
    '--request',
    join(SEED, 'etcd-csr.json'),
  ]);
  t.is(issued.stderr, '');
  t.deepEqual((await readdir(at('.'))).sort(), [
    'ca-key.pem',
    'ca.csr',
    'ca.pem',
    'etcd-key.pem',
    'etcd.csr',
    'etcd.pem',
    'inv.yaml',
  ]);
  t.deepEqual((await certificate('etcd.pem')).names, [
    '127.0.0.1',
    'etcd0-0.etcd',
    'etcd1-0.etcd',
    'etcd2-0.etcd',
  ]);
  t.is(await openssl('verify', '-CAfile', at('ca.pem'), at('etcd.pem')), `${at('etcd.pem')}: OK\n`);
});

test('an encrypted CA key opens by environment or file, and is never asked for where nobody can answer', async (t) => {
  const { provision, at } = await desk(t);
  t.is(
    (
      await provision(['init-ca', 'inv.yaml', '--encrypt', '--passphrase-from', 'env:PW'], {
        PW: 'geheim',
      })
    ).code,
    0,
  );
  t.regex(await readFile(at('lab.pki/ca.key'), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  const issue = ['issue', 'inv.yaml', '--cn', 'x'];
  t.deepEqual(await provision(issue), {
    code: 2,
    stdout: '',
    stderr: `error: ${at('lab.pki/ca.key')} needs a passphrase, and there is no terminal to ask on\n  next: add --passphrase-from with env:NAME, fd:N or file:PATH\n`,
  });
  t.deepEqual(await provision([...issue, '--passphrase-from', 'env:PW'], { PW: 'falsch' }), {
    code: 1,
    stdout: '',
    stderr: `error: ${at('lab.pki/ca.key')}: the passphrase is wrong, or the file is damaged\n  next: give the passphrase it was encrypted with, or put the file back from a backup\n`,
  });
  await writeFile(at('pw'), 'geheim\n', { mode: 0o644 });
  const shared = await provision([...issue, '--passphrase-from', 'file:pw']);
  t.is(shared.code, 3);
  await writeFile(at('pw2'), 'geheim\n', { mode: 0o600 });
  t.is((await provision([...issue, '--passphrase-from', 'file:pw2'])).code, 0);
});

test('certs init-ca brings a CA of another tool, its key encrypted from then on', async (t) => {
  const { provision, at } = await desk(t);
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('old.key'),
    '-out',
    at('old.crt'),
    '-subj',
    '/CN=old',
    '-days',
    '30',
    '-addext',
    'keyUsage=keyCertSign,cRLSign',
  );
  const brought = await provision(
    [
      'init-ca',
      'inv.yaml',
      '--bring',
      'old.crt',
      '--bring-key',
      'old.key',
      '--encrypt',
      '--passphrase-from',
      'env:PW',
    ],
    { PW: 'x' },
  );
  t.is(brought.stderr, '');
  t.is(
    await openssl('pkey', '-in', at('lab.pki/ca.key'), '-passin', 'pass:x', '-pubout'),
    await openssl('pkey', '-in', at('old.key'), '-pubout'),
  );
});

for (const [what, args, code, stderr] of [
  [
    'a bare *',
    ['inv.yaml', '--cn', 'x', '--host', '*'],
    2,
    'error: C=CN, O=etcd, OU=ops, CN=x: the name "*" is a bare *, which no client accepts; write *.some.domain\n  next: correct or leave out that name\n',
  ],
  [
    'an empty name',
    ['inv.yaml', '--cn', 'x', '--host', 'a,'],
    2,
    'error: C=CN, O=etcd, OU=ops, CN=x: the name "" is empty\n  next: correct or leave out that name\n',
  ],
  [
    'a profile there is not',
    ['inv.yaml', '--cn', 'x', '--profile', 'god'],
    2,
    'error: god is not a profile\n  next: give one of --profile client, server, peer\n',
  ],
  [
    'a format there is not',
    ['inv.yaml', '--cn', 'x', '--format', 'jks'],
    2,
    'error: jks is not a format\n  next: give one of --format pair, bundle, p12\n',
  ],
  ['nobody', ['inv.yaml'], 2, 'error: a certificate needs a holder\n  next: add --cn NAME\n'],
  [
    'a name that leads elsewhere',
    ['inv.yaml', '--cn', '../x'],
    2,
    'error: "../x" makes no file name\n  next: name the files with --name\n',
  ],
  [
    'a duration of nothing',
    ['inv.yaml', '--cn', 'x', '--expiry', '1y'],
    2,
    'error: --expiry: "1y" is not a duration\n  next: write hours, such as 8760h\n',
  ],
  [
    'no CA at all',
    ['--cn', 'x'],
    2,
    'error: no CA to sign with: name an inventory, or --ca and --ca-key\n  next: provision certs issue inventory.yaml --cn NAME\n',
  ],
] as const) {
  test(`certs issue refuses ${what}, and writes nothing`, async (t) => {
    const { provision, at } = await desk(t);
    await provision(['init-ca', 'inv.yaml']);
    t.deepEqual(await provision(['issue', ...args]), { code, stdout: '', stderr });
    t.deepEqual((await readdir(at('.'))).sort(), ['inv.yaml', 'lab.pki']);
  });
}

test('certs info tells certificate, bundle, request and list apart, and looks at listeners', async (t) => {
  const { provision, at } = await desk(t);
  await provision(['init-ca', 'inv.yaml']);
  await provision([
    'issue',
    'inv.yaml',
    '--cn',
    'x',
    '--host',
    '127.0.0.1',
    '--profile',
    'server',
    '--format',
    'pair,bundle',
  ]);
  await openssl('req', '-new', '-key', at('x.key'), '-out', at('x.csr'), '-subj', '/CN=y');
  await openssl('x509', '-in', at('x.crt'), '-outform', 'DER', '-out', at('x.der'));
  const kinds = async (what: string) => {
    const { stdout, stderr } = await provision(['info', what, '--json']);
    return stderr === ''
      ? JSON.parse(stdout).map((one: { kind: string; subject: unknown }) => [
          one.kind,
          JSON.stringify(one.subject).match(/"CN","value":"(.*?)"/)?.[1],
        ])
      : stderr;
  };
  const server = createServer({
    cert: await readFile(at('x.crt')),
    key: await readFile(at('x.key')),
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.deepEqual(
    await Promise.all(
      ['x.crt', 'x.der', 'x.pem', 'x.csr', `127.0.0.1:${port}`, 'x.key', 'nothing'].map(kinds),
    ),
    [
      [['certificate', 'x']],
      [['certificate', 'x']],
      [
        ['certificate', 'x'],
        ['certificate', 'lab-ca'],
      ],
      [['request', 'y']],
      [['certificate', 'x']],
      'error: x.key: holds no certificate, request or revocation list\n  next: a key says nothing about its holder; give the certificate\n',
      'error: nothing: is neither a file nor HOST:PORT\n  next: name a file that exists, or a listener such as 192.0.2.1:2379\n',
    ],
  );
});

test('certs info prints one fact a line', async (t) => {
  const { provision, certificate } = await desk(t);
  await provision(['init-ca', 'inv.yaml', '--json']);
  const fact = await certificate('lab.pki/ca.crt');
  const minute = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  t.is(
    (await provision(['info', 'lab.pki/ca.crt'])).stdout,
    `certificate
  subject     C=CN, O=etcd, OU=ops, CN=lab-ca
  issuer      itself
  serial      ${fact.serial}
  valid       ${minute(fact.notBefore)} to ${minute(fact.notAfter)}, 3649 days left
  names       none
  usages      any
  key usages  keyCertSign, cRLSign
  CA          yes, for leaves only
  key         ecdsa 256
  signature   ecdsa-with-SHA256
  subject key ${fact.subjectKeyId}
  issuer key  not named
  sha256      ${fact.fingerprint256}
`,
  );
});

test('certs verify lists what is wrong and fails; print-defaults prints', async (t) => {
  const { provision, at } = await desk(t);
  await provision(['init-ca', 'inv.yaml']);
  await provision(['issue', 'inv.yaml', '--cn', 'admin', '--out', 'lab.pki']);
  t.deepEqual(await provision(['verify', 'inv.yaml', '--offline']), {
    code: 1,
    stdout: `${['server', 'peer', 'healthcheck-client']
      .map((row) => `fail etcd01/${row}: is missing\n  next: provision up inv.yaml\n`)
      .join(
        '',
      )}warn admin: ends in 4 days\n  next: up reissues the certificate: provision up inv.yaml\n`,
    stderr: `error: ${at('lab.pki')}: unfit: etcd01/server, etcd01/peer, etcd01/healthcheck-client\n`,
  });
  t.is(JSON.parse((await provision(['print-defaults', 'csr'])).stdout).CN, 'example.net');
});
