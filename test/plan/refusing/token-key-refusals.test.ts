import test from 'ava';
import type { TokenKeyFile, TokenKeysFact } from '../../../src/facts/etcd/token-keys.ts';
import { planCluster } from '../../../src/plan/cluster.ts';
import { launchRefusals } from '../../../src/plan/refusing/launch-refusals.ts';
import { nextText } from '../../../src/problem/render.ts';
import { butAll, FRESH, settled, wanted } from '../facts.ts';

const PUBLIC = '/k/a.pub';
const PRIVATE = '/k/a.key';
const WISHES = { freshToken: FRESH, wipe: false, allowDowntime: true };

type Read = Extract<TokenKeyFile, { kind: 'read' }>;

function read(path: string, label: string, holds: string, changes: Partial<Read> = {}): Read {
  return { kind: 'read', realPath: path, label, encrypted: false, whole: true, holds, ...changes };
}

const RSA_PUBLIC = read(PUBLIC, 'PUBLIC KEY', 'RSA');
const RSA_PRIVATE = read(PRIVATE, 'PRIVATE KEY', 'RSA');

function desiredWith(method: string) {
  const token = `jwt,pub-key=${PUBLIC},priv-key=${PRIVATE},sign-method=${method}`;
  return wanted(1, { etcd: { version: '3.5.30', settings: { 'auth-token': token } } });
}

const desired = desiredWith('RS256');

/** What is said against the keys, and what to do. */
function said(
  files: readonly [publicKey: TokenKeyFile, privateKey: TokenKeyFile],
  match: TokenKeysFact['match'] = true,
  method = 'RS256',
): readonly (readonly [string, unknown])[] {
  const cluster = desiredWith(method);
  const tokenKeys = {
    files: new Map([
      [PUBLIC, files[0]],
      [PRIVATE, files[1]],
    ]),
    match,
  };
  return launchRefusals(
    cluster,
    butAll(settled(cluster), () => ({ tokenKeys })),
  ).map(({ sentence, next }) => [sentence, nextText(next)]);
}

const THE_PUBLIC = `etcd01: the public key ${PUBLIC} (etcd.settings.auth-token)`;
const THE_PRIVATE = `etcd01: the private key ${PRIVATE} (etcd.settings.auth-token)`;
const BRING = 'bring it to etcd01: the same on every member, and readable for etcd';
const FIT = 'name the sign-method that fits the keys, or bring keys that fit it';

test('tokenKeyRefusals() has nothing against a pair that fits', (t) => {
  t.deepEqual(said([RSA_PUBLIC, RSA_PRIVATE]), []);
});

test('tokenKeyRefusals() names files that are missing, empty or directories', (t) => {
  t.deepEqual(said([{ kind: 'missing' }, { kind: 'notAFile' }]), [
    [`${THE_PUBLIC} does not exist`, BRING],
    [`${THE_PRIVATE} is not a file`, BRING],
  ]);
  t.deepEqual(said([RSA_PUBLIC, { kind: 'empty' }]), [[`${THE_PRIVATE} is empty`, BRING]]);
});

test('tokenKeyRefusals() names what keeps the account out', (t) => {
  t.deepEqual(
    said([
      { kind: 'barred', at: '/k', owner: 'root:root 700' },
      { kind: 'barred', at: PRIVATE, owner: 'root:root 600' },
    ]),
    [
      [
        `${THE_PUBLIC} cannot be read by etcd: /k belongs to root:root 700`,
        'on etcd01: chgrp etcd /k && chmod g+x /k',
      ],
      [
        `${THE_PRIVATE} cannot be read by etcd: it belongs to root:root 600`,
        `on etcd01: chown etcd: ${PRIVATE}`,
      ],
    ],
  );
});

test('tokenKeyRefusals() sees through a link into what the unit hides', (t) => {
  t.deepEqual(said([{ ...RSA_PUBLIC, realPath: '/tmp/a.pub' }, RSA_PRIVATE]), [
    [
      `${THE_PUBLIC} is a link to /tmp/a.pub, which the unit hides from etcd`,
      'move the file elsewhere on etcd01, such as into /etc/etcd-jwt',
    ],
  ]);
});

test('tokenKeyRefusals() refuses a pair that is none', (t) => {
  t.deepEqual(said([RSA_PUBLIC, RSA_PRIVATE], false), [
    [
      `etcd01: the public key ${PUBLIC} does not belong to the private key ${PRIVATE} (etcd.settings.auth-token)`,
      `bring the one that belongs to it; or, on etcd01: openssl pkey -in ${PRIVATE} -pubout -out ${PUBLIC}`,
    ],
  ]);
  t.deepEqual(said([read(PUBLIC, 'CERTIFICATE', 'RSA'), RSA_PRIVATE], false), []);
});

test('tokenKeyRefusals() refuses keys that do not fit the method', (t) => {
  const [publicKey, privateKey] = [
    read(PUBLIC, 'PUBLIC KEY', 'P-384'),
    read(PRIVATE, 'EC PRIVATE KEY', 'P-384'),
  ];
  t.deepEqual(said([publicKey, privateKey]), [
    [`${THE_PUBLIC} is for ECDSA on P-384, and sign-method RS256 needs RSA`, FIT],
    [`${THE_PRIVATE} is for ECDSA on P-384, and sign-method RS256 needs RSA`, FIT],
  ]);
  t.deepEqual(said([publicKey, privateKey], true, 'ES384'), []);
  t.deepEqual(said([publicKey, privateKey], true, 'ES256'), [
    [`${THE_PUBLIC} is for ECDSA on P-384, and sign-method ES256 needs ECDSA on P-256`, FIT],
    [`${THE_PRIVATE} is for ECDSA on P-384, and sign-method ES256 needs ECDSA on P-256`, FIT],
  ]);
});

test('tokenKeyRefusals() refuses what etcd cannot read as a key', (t) => {
  const pem = (half: string, label: string) =>
    `bring a ${half} key as PEM whose first block is ${label}, such as openssl pkey writes it`;
  t.deepEqual(said([read(PUBLIC, '', 'unknown'), { ...RSA_PRIVATE, label: 'EC PARAMETERS' }]), [
    [`${THE_PUBLIC} is not PEM`, pem('public', 'PUBLIC KEY')],
    [
      `${THE_PRIVATE} begins with the PEM block EC PARAMETERS; etcd reads the first block only`,
      pem('private', 'PRIVATE KEY'),
    ],
  ]);
  t.deepEqual(
    said([
      { ...RSA_PUBLIC, label: 'RSA PUBLIC KEY' },
      { ...RSA_PRIVATE, encrypted: true },
    ]),
    [
      [
        `${THE_PUBLIC} is PKCS #1 (BEGIN RSA PUBLIC KEY), which etcd 3.5.30 does not read`,
        `on etcd01: openssl pkey -in ${PRIVATE} -pubout -out ${PUBLIC}`,
      ],
      [
        `${THE_PRIVATE} is encrypted, and etcd asks for no passphrase`,
        `on etcd01, decrypt it beside and move it there: openssl pkey -in ${PRIVATE} -out ${PRIVATE}.plain`,
      ],
    ],
  );
  t.deepEqual(said([RSA_PUBLIC, { ...RSA_PRIVATE, whole: false }]), [
    [`${THE_PRIVATE} is damaged: its PEM block is not whole`, pem('private', 'PRIVATE KEY')],
  ]);
});

test('tokenKeyRefusals() reads no form into a secret for HMAC', (t) => {
  const secret = read(PRIVATE, '', 'unknown', { whole: false });
  t.deepEqual(said([RSA_PUBLIC, secret], undefined, 'HS256'), []);
});

test('planCluster() plans nothing for members that would not start with their keys', (t) => {
  const facts = butAll(settled(wanted(1)), () => ({
    tokenKeys: { files: new Map([[PRIVATE, { kind: 'missing' }] as const]), match: undefined },
  }));
  const { refusals, waves } = planCluster(desired, facts, WISHES);
  t.deepEqual(waves, []);
  t.deepEqual(
    refusals.map(({ sentence }) => sentence),
    [`${THE_PRIVATE} does not exist`],
  );
});
