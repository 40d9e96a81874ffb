import test from 'ava';
import { readAuthToken, whyBadAuthToken } from '../../src/etcd/auth-token.ts';

const KEYS = 'pub-key=/k/a.pub,priv-key=/k/a.key';

const refused = test.macro<[string, string, string | undefined]>({
  exec(t, version, value, why) {
    t.is(whyBadAuthToken(value, version), why);
  },
  title: (_, version, value) => `whyBadAuthToken: ${value} with etcd ${version}`,
});

const FORM = 'jwt,pub-key=FILE,priv-key=FILE,sign-method=METHOD';
test(refused, '3.5.16', 'simple', undefined);
test(refused, '3.5.16', 'Simple', `must be simple, or ${FORM}; etcd would not start`);
test(refused, '3.5.16', `jwt,${KEYS},sign-method=RS256`, undefined);
test(refused, '3.5.16', 'jwt,priv-key=/k/a.key,sign-method=HS256', undefined);
test(refused, '3.5.16', `jwt,${KEYS},sign-method=RS256,ttl=10m`, undefined);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS},sign-method=RS256,`,
  `must be ${FORM}, each option once and with one =; etcd would not start`,
);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS},sign-method=RS256,sign-method=RS512`,
  `must be ${FORM}, each option once and with one =; etcd would not start`,
);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS},sign-methode=RS256`,
  'has the option "sign-methode", which etcd does not know; it knows pub-key, priv-key, sign-method, ttl',
);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS}`,
  'needs sign-method, one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256, HS384, HS512; etcd would not start',
);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS},sign-method=rs256`,
  'has the sign-method rs256, which etcd 3.5.16 cannot use; did you mean RS256?',
);
test(
  refused,
  '3.3.25',
  `jwt,${KEYS},sign-method=ES256`,
  'has the sign-method ES256, which etcd 3.3.25 cannot use; it can use RS256, RS384, RS512, PS256, PS384, PS512',
);
test(
  refused,
  '3.5.16',
  `jwt,${KEYS},sign-method=EdDSA`,
  'has the sign-method EdDSA, which etcd 3.5.16 cannot use; it can use RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256, HS384, HS512',
);
test(refused, '3.6.14', `jwt,${KEYS},sign-method=EdDSA`, undefined);
test(
  refused,
  '3.5.16',
  'jwt,pub-key=/k/a.pub,sign-method=RS256',
  'needs priv-key=FILE: without it members cannot sign, and nobody can log in',
);
test(
  refused,
  '3.3.25',
  'jwt,priv-key=/k/a.key,sign-method=RS256',
  'needs pub-key=FILE with etcd 3.3.25; etcd would not start',
);
test(
  refused,
  '3.3.25',
  `jwt,${KEYS},sign-method=RS256,ttl=10m`,
  'has ttl, which etcd 3.3.25 does not know; etcd would not start',
);
for (const ttl of ['10', '-5s', '0', '1d', ''])
  test(
    refused,
    '3.5.16',
    `jwt,${KEYS},sign-method=RS256,ttl=${ttl}`,
    `has the ttl "${ttl}"; it must be a duration over 0 with a unit, such as 10m`,
  );

test('readAuthToken: knows what kind of key each method wants', (t) => {
  const read = (method: string) => readAuthToken(`jwt,${KEYS},sign-method=${method}`);
  const files = { publicKey: '/k/a.pub', privateKey: '/k/a.key' };
  t.deepEqual(read('PS384'), { method: 'PS384', algorithm: 'RSA', curve: undefined, ...files });
  t.deepEqual(read('ES512'), { method: 'ES512', algorithm: 'ECDSA', curve: 'P-521', ...files });
  t.deepEqual(read('EdDSA'), { method: 'EdDSA', algorithm: 'Ed25519', curve: undefined, ...files });
  t.deepEqual([read('XX'), readAuthToken('simple')], [undefined, undefined]);
});
