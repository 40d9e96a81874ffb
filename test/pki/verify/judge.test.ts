import test from 'ava';
import type { DesiredCertificate } from '../../../src/pki/desired-certificate.ts';
import type { StoredCertificate } from '../../../src/pki/store/store-facts.ts';
import type { CertificateFact } from '../../../src/pki/verify/inspect.ts';
import { daysLeft, whyCaUnfit, whyReissue, whyRotateCa } from '../../../src/pki/verify/judge.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-21T12:00:00Z');
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY);

const desired: DesiredCertificate = {
  id: 'etcd01/server',
  row: 'server',
  member: 'etcd01',
  subject: [
    { type: 'O', value: 'etcd' },
    { type: 'CN', value: 'etcd01' },
  ],
  names: ['etcd01', '10.0.0.5', '::1'],
  usages: ['serverAuth', 'clientAuth'],
  hours: 8_760,
  key: { algo: 'ecdsa', size: 256 },
  keyPlace: 'store',
  authority: 'client',
};

const fact: CertificateFact = {
  serial: '5f',
  subject: desired.subject,
  issuer: [{ type: 'CN', value: 'ca' }],
  names: ['etcd01', '10.0.0.5', '::1'],
  usages: ['serverAuth', 'clientAuth'],
  keyUsages: ['digitalSignature'],
  notBefore: inDays(-1),
  notAfter: inDays(364),
  isCa: false,
  pathLength: undefined,
  nameConstraints: undefined,
  key: { algo: 'ecdsa', size: 256 },
  fingerprint256: 'aa',
  publicKeySha256: 'bb',
  subjectKeyId: 'cc',
  authorityKeyId: 'dd',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  isSelfSigned: false,
  misspelt: [],
  unknownCritical: [],
};

const ca: CertificateFact = {
  ...fact,
  subject: fact.issuer,
  names: [],
  usages: [],
  keyUsages: ['keyCertSign', 'cRLSign'],
  notBefore: inDays(-1),
  notAfter: inDays(3_649),
  isCa: true,
  fingerprint256: 'ca',
};

const stored: StoredCertificate = {
  fact,
  certificatePem: '',
  key: { algo: 'ecdsa', size: 256 },
  keyMatches: true,
  certificateSha256: '',
  keySha256: '',
  hostKey: undefined,
  issuerFingerprint256: 'ca',
};

const says = (changes: Partial<CertificateFact>): StoredCertificate => ({
  ...stored,
  fact: { ...fact, ...changes },
});

const reissue = test.macro(
  (t, found: StoredCertificate | undefined, expected: string | undefined) => {
    t.is(whyReissue(desired, found, ca, NOW), expected);
  },
);

test('whyReissue() keeps a certificate that fits', reissue, stored, undefined);
test('whyReissue() sees that there is none', reissue, undefined, 'missing');
test(
  'whyReissue() sees a missing key',
  reissue,
  { ...stored, key: undefined, keyMatches: false },
  'its key is missing',
);
test(
  'whyReissue() sees a key of another certificate',
  reissue,
  { ...stored, keyMatches: false },
  "the key is not the certificate's",
);
test(
  'whyReissue() sees another CA behind the same name',
  reissue,
  { ...stored, issuerFingerprint256: undefined },
  'signed by another CA',
);
test(
  'whyReissue() renews 30 days before the end',
  reissue,
  says({ notBefore: inDays(-330), notAfter: inDays(29.5) }),
  'expires in 29 days',
);
test(
  'whyReissue() waits until 30 days before the end',
  reissue,
  says({ notBefore: inDays(-330), notAfter: inDays(30) }),
  undefined,
);
test(
  'whyReissue() renews a short life in its last third',
  reissue,
  says({ notBefore: inDays(-2), notAfter: inDays(0.9) }),
  'expires in 21 hours',
);
test(
  'whyReissue() leaves a short life alone before that',
  reissue,
  says({ notBefore: inDays(-2), notAfter: inDays(1.1) }),
  undefined,
);
test(
  'whyReissue() sees that it has expired',
  reissue,
  says({ notAfter: inDays(-3) }),
  'expired on 2026-11-18',
);
test(
  'whyReissue() sees that it is not valid yet',
  reissue,
  says({ notBefore: inDays(1) }),
  'not valid before 2026-11-22T12:00:00.000Z',
);
test(
  'whyReissue() names what is not covered',
  reissue,
  says({ names: ['etcd01'] }),
  'does not cover 10.0.0.5, ::1',
);
test(
  'whyReissue() does not take an address as DNS name for the address',
  reissue,
  says({ names: ['etcd01', 'DNS:10.0.0.5', '::1'] }),
  'does not cover 10.0.0.5',
);
test(
  'whyReissue() names what should no longer be covered',
  reissue,
  says({ names: [...fact.names, '10.0.0.6'] }),
  'covers 10.0.0.6, no longer wanted',
);
test(
  'whyReissue() sees a missing usage',
  reissue,
  says({ usages: ['serverAuth'] }),
  'lacks clientAuth',
);
test(
  'whyReissue() sees a usage that is not wanted',
  reissue,
  says({ usages: ['serverAuth', 'clientAuth', 'codeSigning'] }),
  'allows codeSigning, not wanted',
);
test(
  'whyReissue() sees another kind of key',
  reissue,
  says({ key: { algo: 'rsa', size: 2048 } }),
  'key is rsa 2048, wanted ecdsa 256',
);
test(
  'whyReissue() sees another subject',
  reissue,
  says({ subject: [{ type: 'CN', value: 'etcd02' }] }),
  'subject is CN=etcd02, wanted O=etcd, CN=etcd01',
);
test(
  'whyReissue() sees a leaf that could sign',
  reissue,
  says({ isCa: true }),
  'is a CA certificate',
);
test(
  'whyReissue() sees a signature Go refuses',
  reissue,
  says({ signatureAlgorithm: 'ecdsa-with-SHA1' }),
  'is signed with ecdsa-with-SHA1, which Go refuses',
);
test(
  'whyReissue() sees a negative serial number',
  reissue,
  says({ serial: '-5f' }),
  'has a negative serial number, which Go refuses',
);
test(
  'whyReissue() sees a life longer than wanted',
  reissue,
  says({ notAfter: inDays(400) }),
  'lives 9624 hours, wanted 8760',
);

test('whyReissue() takes the order of names and usages for nothing', (t) => {
  const shuffled = says({
    names: ['::1', '10.0.0.5', 'etcd01'],
    usages: ['clientAuth', 'serverAuth'],
  });
  t.is(
    whyReissue({ ...desired, names: ['ETCD01', '10.0.0.5', '0:0::1'] }, shuffled, ca, NOW),
    undefined,
  );
});

test('whyReissue() leaves a leaf alone that ends with its CA, for a new one would end no later', (t) => {
  const ending = { ...ca, notAfter: inDays(5) };
  t.is(
    whyReissue(desired, says({ notBefore: inDays(-300), notAfter: inDays(5) }), ending, NOW),
    undefined,
  );
});

test('whyReissue() wants everything again where the CA is missing', (t) => {
  t.is(whyReissue(desired, stored, undefined, NOW), 'its CA is missing');
});

const unfit = test.macro((t, changes: Partial<CertificateFact>, expected: string | undefined) => {
  t.is(whyCaUnfit({ ...ca, ...changes }, NOW), expected);
});

test('whyCaUnfit() finds nothing against a good CA', unfit, {}, undefined);
test(
  'whyCaUnfit() takes a CA without key usages, as old ones are',
  unfit,
  { keyUsages: [] },
  undefined,
);
test(
  'whyCaUnfit() sees a leaf',
  unfit,
  { isCa: false },
  'the CA certificate is not marked CA:TRUE',
);
test(
  'whyCaUnfit() sees a CA that may not sign certificates',
  unfit,
  { keyUsages: ['cRLSign'] },
  'the CA certificate lacks the usage keyCertSign',
);
test(
  'whyCaUnfit() sees that it has expired',
  unfit,
  { notAfter: inDays(-1) },
  'the CA expired on 2026-11-20',
);
test(
  'whyCaUnfit() sees that it is not valid yet',
  unfit,
  { notBefore: inDays(1) },
  'the CA is not valid before 2026-11-22T12:00:00.000Z',
);
test(
  'whyCaUnfit() sees a weak key',
  unfit,
  { key: { algo: 'rsa', size: 1024 } },
  'the CA certificate has an RSA key of 1024 bits, fewer than 2048',
);
test(
  'whyCaUnfit() sees an extension nobody will understand',
  unfit,
  { unknownCritical: ['1.2.3'] },
  'the CA certificate has the unknown critical extension 1.2.3',
);

test(
  'whyCaUnfit() sees a name that Go cannot read, which every leaf would copy',
  unfit,
  { misspelt: ['CN=a_b'] },
  "the CA's name has CN=a_b in a string type that Go cannot read",
);

test('whyRotateCa() speaks up 30 days before the end of the CA', (t) => {
  t.is(
    whyRotateCa({ ...ca, notBefore: inDays(-3_000), notAfter: inDays(12) }, NOW),
    'the CA expires in 12 days',
  );
  t.is(whyRotateCa(ca, NOW), undefined);
});

test('daysLeft() counts whole days, negative after the end', (t) => {
  t.deepEqual(
    [inDays(1.5), inDays(0.5), inDays(-0.5)].map((notAfter) =>
      daysLeft({ ...fact, notAfter }, NOW),
    ),
    [1, 0, -1],
  );
});
