import test from 'ava';
import { CIPHER_SUITES, type TlsOffer, whyCiphersUnfit } from '../../src/etcd/cipher-suites.ts';

const ECDSA_128 = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
const ECDSA_256 = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
const RSA_128 = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
const CBC = 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA';

const why = test.macro(
  (t, list: readonly string[], offer: Partial<TlsOffer>, expected?: string) => {
    t.is(
      whyCiphersUnfit(list, { version: '3.5.0', hasTls13: true, key: 'ecdsa', ...offer })?.how,
      expected,
    );
  },
);

test('whyCiphersUnfit: one of the two that HTTP/2 needs is enough', why, [ECDSA_128], {});
test('whyCiphersUnfit: TLS 1.3 needs no suite for the keys', why, [RSA_128], {});
test('whyCiphersUnfit: all that Go knows', why, CIPHER_SUITES, {});
test(
  'whyCiphersUnfit: none that HTTP/2 needs',
  why,
  [ECDSA_256],
  {},
  `lacks ${ECDSA_128} and ${RSA_128}: HTTP/2 needs one of the two, and etcd serves nobody without it`,
);
test(
  'whyCiphersUnfit: suites of TLS 1.3 alone',
  why,
  ['TLS_AES_128_GCM_SHA256'],
  {},
  `lacks ${ECDSA_128} and ${RSA_128}: HTTP/2 needs one of the two, and etcd serves nobody without it`,
);
test(
  'whyCiphersUnfit: etcd 3.3 knows no suite of TLS 1.3',
  why,
  [ECDSA_128, 'TLS_AES_128_GCM_SHA256'],
  { version: '3.3.0' },
  'names TLS_AES_128_GCM_SHA256, which etcd does not know',
);
test(
  'whyCiphersUnfit: none for the keys',
  why,
  [RSA_128],
  { hasTls13: false },
  `has no suite for ecdsa keys that HTTP/2 accepts, and TLS 1.3 is not offered: no handshake would succeed; add ${ECDSA_128}`,
);
test(
  'whyCiphersUnfit: one for the keys that HTTP/2 does not accept',
  why,
  [RSA_128, CBC],
  { hasTls13: false },
  `has no suite for ecdsa keys that HTTP/2 accepts, and TLS 1.3 is not offered: no handshake would succeed; add ${ECDSA_128}`,
);
test('whyCiphersUnfit: rsa keys', why, [RSA_128], { hasTls13: false, key: 'rsa' });
test(
  'whyCiphersUnfit: a name etcd does not know',
  why,
  [ECDSA_128, 'tls_rsa'],
  {},
  'names tls_rsa, which etcd does not know',
);
test('whyCiphersUnfit: any order from 3.5 on', why, [CBC, ECDSA_128], {});
test(
  'whyCiphersUnfit: weaker ones come last in 3.4',
  why,
  [CBC, ECDSA_128],
  { version: '3.4.0' },
  `has ${CBC} before a suite that HTTP/2 accepts, which etcd 3.4 refuses; put it last`,
);
test('whyCiphersUnfit: weaker ones that come last in 3.3', why, [ECDSA_128, CBC], {
  version: '3.3.0',
  hasTls13: false,
});
