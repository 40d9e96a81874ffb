import { createPublicKey, X509Certificate } from 'node:crypto';
import test from 'ava';
import type { Draft } from '../../../src/pki/issue/draft.ts';
import { verifyIssued } from '../../../src/pki/issue/verify-issued.ts';
import { makeCa, makeLeaf } from '../workshop.ts';

const same: Omit<Draft, 'publicKey'> = {
  subject: [{ type: 'CN', value: 'etcd01' }],
  names: ['etcd01', '198.18.0.1', '::1', '*.etcd', '*.etcd.svc'],
  usages: ['serverAuth', 'clientAuth'],
  keyUsages: ['digitalSignature'],
  hours: 8_760,
};

const proves = test.macro(async (t, changes: Partial<Draft>, flaw: string | undefined) => {
  const ca = await makeCa();
  const { certificate, privateKey } = await makeLeaf(ca, same);
  const draft = { ...same, publicKey: createPublicKey(privateKey), ...changes };
  const attempt = () => verifyIssued(certificate, draft, new X509Certificate(ca.certificate));
  if (flaw === undefined) t.notThrows(attempt);
  else
    t.throws(attempt, {
      name: 'Failure',
      message: `a certificate was made that does not stand its own check: ${flaw}`,
    });
});

test('verifyIssued() lets a certificate pass that is as drafted', proves, {}, undefined);
test(
  'verifyIssued() misses an address',
  proves,
  { names: [...same.names, '10.0.0.1'] },
  'it does not cover 10.0.0.1',
);
test(
  'verifyIssued() misses a DNS name',
  proves,
  { names: [...same.names, 'etcd02'] },
  'it does not cover etcd02',
);
test(
  'verifyIssued() misses a wildcard that openssl would not look at',
  proves,
  { names: [...same.names, '*.svc'] },
  'it covers etcd01, 198.18.0.1, ::1, *.etcd, *.etcd.svc',
);
test(
  'verifyIssued() sees a name too many',
  proves,
  { names: ['etcd01'] },
  'it covers etcd01, 198.18.0.1, ::1, *.etcd, *.etcd.svc',
);
test(
  'verifyIssued() sees usages too many',
  proves,
  { usages: ['clientAuth'] },
  'it allows serverAuth, clientAuth',
);
test(
  'verifyIssued() sees other key usages',
  proves,
  { keyUsages: ['digitalSignature', 'keyEncipherment'] },
  'its key usages are wrong',
);
test(
  'verifyIssued() sees that it should have been a CA',
  proves,
  { ca: {} },
  'its CA flag is wrong',
);

test('verifyIssued() sees another key, and another issuer of the same name', async (t) => {
  const [ca, twin] = [await makeCa(), await makeCa()];
  const [leaf, other] = [await makeLeaf(ca, same), await makeLeaf(ca, same)];
  const draft = { ...same, publicKey: createPublicKey(leaf.privateKey) };
  const why = (certificate: string, issuer: string) =>
    t
      .throws(() => verifyIssued(certificate, draft, new X509Certificate(issuer)))
      ?.message.split(': ')[1];
  t.is(why(other.certificate, ca.certificate), 'it holds another key');
  t.is(why(leaf.certificate, twin.certificate), 'its signature does not verify');
});
