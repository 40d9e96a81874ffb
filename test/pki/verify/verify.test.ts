import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DesiredCertificate } from '../../../src/pki/desired-certificate.ts';
import { buildCrl } from '../../../src/pki/encoding/crl.ts';
import type { Draft } from '../../../src/pki/issue/draft.ts';
import type { SigningCa } from '../../../src/pki/issue/sign.ts';
import type { KeyKind } from '../../../src/pki/keys/keys.ts';
import { observeStore } from '../../../src/pki/store/store.ts';
import { inspectCertificate } from '../../../src/pki/verify/inspect.ts';
import { inspectCrl } from '../../../src/pki/verify/inspect-crl.ts';
import {
  checkCa,
  checkCertificate,
  checkCrl,
  verifyStore,
} from '../../../src/pki/verify/verify.ts';
import { fillStore, wanted } from '../filled-store.ts';
import { foreignCertificate, makeCa, makeLeaf, NOW, P256, scratch } from '../workshop.ts';

const HOUR = 3_600_000;

const desired: DesiredCertificate = {
  id: 'etcd01/server',
  row: 'server',
  member: 'etcd01',
  subject: [{ type: 'CN', value: 'etcd01' }],
  names: ['etcd01', '198.18.0.1'],
  usages: ['serverAuth', 'clientAuth'],
  hours: 8_760,
  key: P256,
  keyPlace: 'store',
  authority: 'client',
};

interface Circumstances {
  readonly draft?: Partial<Draft>;
  readonly kind?: KeyKind;
  readonly ca?: SigningCa;
  readonly row?: string;
  readonly now?: Date;
  readonly signedByCa?: boolean;
  readonly keyMatches?: boolean;
}

async function findings({ draft, kind, row = 'server', ...rest }: Circumstances) {
  const ca = rest.ca ?? (await makeCa());
  const { certificate } = await makeLeaf(ca, draft, kind);
  const found = checkCertificate({
    desired: { ...desired, row },
    fact: inspectCertificate(certificate),
    signedByCa: rest.signedByCa ?? true,
    keyMatches: rest.keyMatches ?? true,
    ca: ca.fact,
    now: rest.now ?? NOW,
  });
  return found.map(({ kind, severity, sentence }) => `${severity} ${kind}: ${sentence}`);
}

const finds = test.macro(
  async (t, circumstances: Circumstances, ...expected: readonly string[]) => {
    t.deepEqual(await findings(circumstances), expected);
  },
);

const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR);

test('checkCertificate() finds nothing against a good one', finds, {});
test(
  'checkCertificate() sees another CA',
  finds,
  { signedByCa: false },
  'fail chain: is not signed by the CA: "certificate signed by unknown authority"',
);
test(
  'checkCertificate() sees another key',
  finds,
  { keyMatches: false },
  'fail key: does not belong to its key: "private key does not match public key"',
);
test(
  'checkCertificate() sees that it has expired',
  finds,
  { draft: { hours: 24 }, now: later(25) },
  'fail expired: expired on 2026-11-22: running streams live on, every new handshake fails',
);
test(
  'checkCertificate() sees a clock that is behind',
  finds,
  { now: later(-1) },
  'fail not yet valid: is valid from 2026-11-21T11:50:00.000Z on, which is ahead of this clock',
);
test(
  'checkCertificate() sees the end coming',
  finds,
  { draft: { hours: 240 } },
  'warn ends soon: ends in 9 days',
);
test(
  'checkCertificate() sees a bare common name',
  finds,
  { draft: { names: [] } },
  'fail common name only: has no subject alternative name: "certificate relies on legacy Common Name field"',
);
test(
  'checkCertificate() names what is not covered',
  finds,
  { draft: { names: ['etcd01'] } },
  'fail names: does not cover 198.18.0.1: "certificate is valid for …, not 198.18.0.1"',
);
test(
  'checkCertificate() names what nobody asked for',
  finds,
  { draft: { names: [...desired.names, '*.svc'] } },
  'warn stray names: covers *.svc, which nobody asked for',
);
test(
  'checkCertificate() knows what a server without clientAuth breaks',
  finds,
  { draft: { usages: ['serverAuth'] } },
  'fail usages: lacks clientAuth: the gRPC gateway dials its own listener with it',
);
test(
  'checkCertificate() knows what a peer without clientAuth breaks',
  finds,
  { row: 'peer', draft: { usages: ['serverAuth'] } },
  'fail usages: lacks clientAuth: "certificate specifies an incompatible key usage"',
);
test('checkCertificate() lets a certificate without usages do anything, as Go does', finds, {
  draft: { usages: [] },
});
test(
  'checkCertificate() sees a key that may not sign',
  finds,
  { draft: { keyUsages: ['keyEncipherment'] } },
  'fail key usages: may not sign (digitalSignature), as TLS 1.3 and every ECDSA handshake must',
);
test(
  'checkCertificate() sees a short RSA key',
  finds,
  { kind: { algo: 'rsa', size: 1024 } },
  'fail strength: has an RSA key of 1024 bits, fewer than 2048',
);
test('checkCertificate() sees a leaf that is a CA', async (t) => {
  const ca = await makeCa({ ca: {} });
  t.deepEqual(
    await findings({ ca, draft: { ca: {}, keyUsages: ['digitalSignature', 'keyCertSign'] } }),
    ['fail a CA itself: is a CA certificate: the holder of its key can admit members'],
  );
});

test('checkCertificate() sees what only Go minds: addresses as DNS names, odd strings, extensions, negative serials', async (t) => {
  const paths = await foreignCertificate(
    await scratch(t),
    '/CN=etcd01',
    [
      'subjectAltName=DNS:etcd01,DNS:198.18.0.1',
      'extendedKeyUsage=serverAuth,clientAuth',
      '1.2.3.4=critical,DER:0500',
    ],
    '-set_serial',
    '-77',
  );
  const der = Buffer.from(
    (await readFile(paths.certificate, 'utf8')).split('\n').slice(1, -2).join(''),
    'base64',
  );
  // UTF8String becomes PrintableString, its letter an underscore: node reads it all the same, Go does not.
  const text = Buffer.from('\x0c\x06etcd01', 'latin1');
  for (let at = der.indexOf(text); at >= 0; at = der.indexOf(text, at + 1))
    der.write('\x13\x06etcd_1', at, 'latin1');
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const fact = inspectCertificate(pem);
  const ca = await makeCa();
  const found = checkCertificate({
    desired,
    fact,
    signedByCa: true,
    keyMatches: true,
    ca: ca.fact,
    now: fact.notBefore,
  });
  t.deepEqual(
    found
      .filter(({ severity }) => severity === 'fail')
      .map(({ kind, sentence }) => `${kind}: ${sentence}`),
    [
      `address as DNS name: has DNS:198.18.0.1 where an IP entry belongs: "doesn't contain any IP SANs"`,
      'names: does not cover 198.18.0.1: "certificate is valid for …, not 198.18.0.1"',
      'strength: has a negative serial number, which Go refuses',
      'encoding: has CN=etcd_1, CN=etcd_1 in a string type that cannot hold it: "invalid PrintableString"',
      'critical extensions: has the critical extension 1.2.3.4: "unhandled critical extension"',
    ],
  );
});

test('checkCa() says what a CA cannot do', async (t) => {
  const ca = await makeCa({ keyUsages: ['keyCertSign'] });
  t.deepEqual(
    checkCa(ca.fact, false, later(87_590)).map(
      ({ kind, severity, sentence }) => `${severity} ${kind}: ${sentence}`,
    ),
    [
      'warn ends soon: the CA expires in 9 hours',
      'warn revocation: may not sign revocation lists',
      'warn key: its key is not in the store: nothing can be issued or renewed',
    ],
  );
});

test('checkCrl() sees lists that make etcd refuse everybody', async (t) => {
  const [ca, other] = [await makeCa(), await makeCa()];
  const der = await buildCrl(other, [], 1n, 24, NOW);
  const pem = `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
  t.deepEqual(
    checkCrl(inspectCrl(Buffer.from(pem), 'f'), ca.certificate, later(25)).map(
      ({ kind, severity, sentence }) => `${severity} ${kind}: ${sentence}`,
    ),
    [
      'fail form: is PEM: etcd 3.6 reads DER only and refuses every connection',
      'fail signature: is not signed by the CA',
      'warn ends: should have been renewed by 2026-11-22T12:00:00.000Z',
    ],
  );
  t.deepEqual(checkCrl(inspectCrl(der, 'f'), other.certificate, NOW), []);
});

const filled = async (t: ExecutionContext) => fillStore(join(await scratch(t), 'pki'));

const brief = async (store: string) =>
  verifyStore(await observeStore(store), wanted, NOW).map(
    ({ about, kind, sentence }) => `${about} ${kind}: ${sentence}`,
  );

test('verifyStore() finds nothing in a store that up has filled', async (t) => {
  t.deepEqual(await brief(await filled(t)), []);
});

test('verifyStore() sees what is missing, and pairs that were copied to a second member', async (t) => {
  const store = await filled(t);
  await rm(join(store, 'admin.crt'));
  for (const half of ['crt', 'key']) {
    await copyFile(join(store, `etcd01/peer.${half}`), join(store, `etcd02/peer.${half}`));
  }
  t.deepEqual(await brief(store), [
    'etcd02/peer names: does not cover etcd02, 198.18.0.2: "certificate is valid for …, not etcd02"',
    'etcd02/peer stray names: covers etcd01, 198.18.0.1, which nobody asked for',
    'admin present: is missing',
    'etcd02/peer unique: has the same key as etcd01/peer',
    'etcd02/peer unique: has the same serial number as etcd01/peer',
  ]);
});

test('verifyStore() says that there is no CA', async (t) => {
  t.deepEqual(await brief(join(await scratch(t), 'none')), ['ca present: the store has no CA']);
});
