import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { fitCa } from '../../src/pki/ca/bring-ca.ts';
import { whyCaUnfitForEtcd } from '../../src/pki/verify/describe.ts';
import { inspectCertificate } from '../../src/pki/verify/inspect.ts';
import { checkCa } from '../../src/pki/verify/verify.ts';
import { checkNextCas } from '../../src/pki/verify/verify-others.ts';
import { nextText } from '../../src/problem/render.ts';
import { Secret } from '../../src/shell/secret.ts';
import { openssl, scratch } from './workshop.ts';

const NAMES = ['etcd01', '10.0.0.1', 'fd00::1', '127.0.0.1', '::1', 'localhost'];
const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
const BOTH = 'members need serverAuth and clientAuth, and etcd refuses what it signs';

interface Made {
  readonly bundle: string;
  readonly key: string;
}

/** A CA of openssl's below a root of openssl's, each with the extensions as its configuration spells them. */
async function chain(
  t: ExecutionContext,
  extensions: readonly string[],
  above: readonly string[] = CA,
  days = '30',
): Promise<Made> {
  const directory = await scratch(t);
  const at = (name: string) => join(directory, name);
  const config = at('x.cnf');
  await writeFile(
    config,
    `[req]\ndistinguished_name=dn\n[dn]\n[root]\n${above.join('\n')}\n[own]\n${extensions.join('\n')}\n`,
  );
  const key = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(name),
  ];
  const common = ['-config', config, '-utf8'];
  await openssl(
    'req',
    '-x509',
    ...common,
    ...key('root.key'),
    '-subj',
    '/CN=root',
    '-extensions',
    'root',
    '-days',
    '60',
    '-out',
    at('root.crt'),
  );
  await openssl(
    'req',
    '-new',
    ...common,
    ...key('own.key'),
    '-subj',
    '/CN=own',
    '-out',
    at('own.csr'),
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    at('own.csr'),
    '-CA',
    at('root.crt'),
    '-CAkey',
    at('root.key'),
    '-CAcreateserial',
    '-extfile',
    config,
    '-extensions',
    'own',
    '-days',
    days,
    '-out',
    at('own.crt'),
  );
  const [own, root] = await Promise.all(
    ['own.crt', 'root.crt'].map((name) => readFile(at(name), 'utf8')),
  );
  return { bundle: `${own}${root}`, key: await readFile(at('own.key'), 'utf8') };
}

function bring({ bundle, key }: Made, now = new Date()): string {
  const brought = { certificates: bundle, certificatesSource: 'ca.pem', key: new Secret(key) };
  try {
    fitCa({ ...brought, keySource: 'ca.key' }, now, NAMES);
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const CASES: readonly (readonly [what: string, extensions: readonly string[], said: string])[] = [
  ['without usages of its own', CA, 'taken'],
  ['for servers and clients', [...CA, 'extendedKeyUsage=serverAuth,clientAuth'], 'taken'],
  ['for any usage', [...CA, 'extendedKeyUsage=anyExtendedKeyUsage'], 'taken'],
  [
    'for servers alone',
    [...CA, 'extendedKeyUsage=serverAuth'],
    `ca.pem: CN=own: the CA certificate allows serverAuth only; ${BOTH}`,
  ],
  [
    'for clients alone',
    [...CA, 'extendedKeyUsage=critical,clientAuth'],
    `ca.pem: CN=own: the CA certificate allows clientAuth only; ${BOTH}`,
  ],
  [
    'for answers to OCSP',
    [...CA, 'extendedKeyUsage=OCSPSigning'],
    `ca.pem: CN=own: the CA certificate allows OCSPSigning only; ${BOTH}`,
  ],
  [
    'for a usage that nobody knows',
    [...CA, 'extendedKeyUsage=1.2.3.4'],
    `ca.pem: CN=own: the CA certificate allows 1.2.3.4 only; ${BOTH}`,
  ],
  [
    'that may not sign certificates',
    ['basicConstraints=CA:TRUE', 'keyUsage=digitalSignature'],
    'ca.pem: CN=own: the CA certificate lacks the usage keyCertSign',
  ],
  [
    'that is not marked as one',
    ['basicConstraints=CA:FALSE'],
    'ca.pem: CN=own: the CA certificate is not marked CA:TRUE',
  ],
  [
    'that may sign leaves only',
    ['basicConstraints=critical,CA:TRUE,pathlen:0', CA[1] ?? ''],
    'taken',
  ],
  [
    'whose names lie elsewhere',
    [...CA, 'nameConstraints=critical,permitted;DNS:example.com'],
    "ca.pem: CN=own: the CA's name constraints do not allow etcd01, localhost",
  ],
  [
    'whose addresses lie elsewhere',
    [...CA, 'nameConstraints=critical,permitted;IP:192.168.0.0/255.255.0.0'],
    "ca.pem: CN=own: the CA's name constraints do not allow 10.0.0.1, 127.0.0.1, fd00::1, ::1",
  ],
  [
    'that excludes an address',
    [...CA, 'nameConstraints=critical,excluded;IP:10.0.0.0/255.0.0.0'],
    "ca.pem: CN=own: the CA's name constraints do not allow 10.0.0.1",
  ],
  [
    'that excludes names elsewhere',
    [...CA, 'nameConstraints=critical,excluded;DNS:example.com'],
    'taken',
  ],
  [
    'with constraints that Go does not understand',
    [...CA, 'nameConstraints=critical,permitted;dirName:names', '[names]', 'O=x'],
    'ca.pem: CN=own: the CA certificate has the unknown critical extension 2.5.29.30',
  ],
];

for (const [what, extensions, said] of CASES) {
  test(`fitCa() with a CA ${what}`, async (t) => {
    const made = await chain(t, extensions);
    const shown = bring(made);
    t.deepEqual(
      shown.split(/, (?=[\w.:]+(?:,|$))/).sort(),
      said.split(/, (?=[\w.:]+(?:,|$))/).sort(),
    );
    const [own = ''] = made.bundle.split(/(?<=END CERTIFICATE-----\n)/);
    const fact = inspectCertificate(own);
    const now = new Date();
    t.is(
      checkCa(fact, true, now, 'ca', NAMES).some(({ severity }) => severity === 'fail'),
      said !== 'taken',
    );
    // Of names only a cluster can say whether they fit.
    if (fact.isCa && !said.includes('name constraints'))
      t.is(whyCaUnfitForEtcd(fact, now) === undefined, said === 'taken');
  });
}

test('fitCa() looks at the CA that etcd trusts, not at the usages of those above it', async (t) => {
  t.is(bring(await chain(t, CA, [...CA, 'extendedKeyUsage=serverAuth'])), 'taken');
});

test('fitCa() refuses a CA below one that allows none', async (t) => {
  t.is(
    bring(await chain(t, CA, ['basicConstraints=critical,CA:TRUE,pathlen:0', CA[1] ?? ''])),
    'ca.pem: CN=root allows 0 CAs below it, not 1',
  );
});

test('fitCa() refuses a CA that has expired, and one whose root has', async (t) => {
  const made = await chain(t, CA);
  const later = new Date(Date.now() + 40 * 86_400_000);
  t.regex(bring(made, later), /^ca\.pem: CN=own: the CA expired on /);
  const long = await chain(t, CA, CA, '90');
  t.regex(
    bring(long, new Date(Date.now() + 70 * 86_400_000)),
    /^ca\.pem: CN=root: the CA expired on /,
  );
});

test('checkNextCas() tells of a CA that cannot sign next, before anybody trusts it', async (t) => {
  const next = async (...extensions: readonly string[]) => {
    const [pem = ''] = (await chain(t, [...CA, ...extensions])).bundle.split(
      /(?<=END CERTIFICATE-----\n)/,
    );
    const ca = { fact: inspectCertificate(pem), pem, hasKey: true, keyEncrypted: false };
    return { next: ca, previous: undefined, retired: [] };
  };
  const good = await next();
  const bad = await next('extendedKeyUsage=serverAuth');
  const none = { next: undefined, previous: undefined, retired: [] };
  const why = `the CA certificate allows serverAuth only; ${BOTH}`;
  const told = (client: typeof none | typeof good, peer: typeof none | typeof good) =>
    checkNextCas([], { client, peer }, '/s', new Date()).map(
      ({ about: [about], kind, severity, sentence, next }) => ({
        ...{ about, check: kind, level: severity, why: sentence },
        remedy: nextText(next),
      }),
    );
  t.deepEqual(told(good, good), []);
  t.deepEqual(told(none, none), []);
  t.deepEqual(told(bad, bad), [
    {
      about: 'next-ca',
      check: 'fit for members',
      level: 'fail',
      why,
      remedy: 'give it up: provision certs rotate-ca INVENTORY --abort',
    },
    {
      about: 'peer-ca/next-ca',
      check: 'fit for members',
      level: 'fail',
      why,
      remedy: 'move /s/peer-ca/next-ca away',
    },
  ]);
});
