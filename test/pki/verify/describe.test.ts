import test from 'ava';
import { buildCrl } from '../../../src/pki/encoding/crl.ts';
import { inspectRequest, makeRequest } from '../../../src/pki/encoding/csr.ts';
import { generateKey } from '../../../src/pki/keys/keys.ts';
import {
  describeCertificate,
  describeCrl,
  describeRequest,
} from '../../../src/pki/verify/describe.ts';
import { inspectCrl } from '../../../src/pki/verify/inspect-crl.ts';
import { makeCa, NOW, P256 } from '../workshop.ts';

test('describeCrl() lists what is revoked and whether etcd can read the form', async (t) => {
  const ca = await makeCa();
  const date = new Date('2026-11-20T08:00:00Z');
  const revoked = [
    { serial: 'abc', date, reason: 'keyCompromise' as const },
    { serial: 'def', date },
  ];
  const { fact } = inspectCrl(await buildCrl(ca, revoked, 17n, 24, NOW), 'f');
  const late = new Date('2026-12-01T00:00:00Z');
  t.is(
    describeCrl({ ...fact, form: 'pem' }, late),
    `revocation list
  issuer      CN=test-ca
  number      11
  made        2026-11-21 12:00 UTC
  next        2026-11-22 12:00 UTC (past)
  form        PEM, which etcd 3.6 refuses
  signature   ecdsa-with-SHA256
  issuer key  ${ca.fact.subjectKeyId}
  revoked     2
              abc  2026-11-20 08:00 UTC  keyCompromise
              def  2026-11-20 08:00 UTC`,
  );
});

test('describeRequest() shows nothing that a terminal would obey', async (t) => {
  const subject = [{ type: 'CN', value: 'a\u001b[2Jb' }];
  const csr = await makeRequest({ subject, names: ['*.etcd.svc'] }, await generateKey(P256));
  t.is(
    describeRequest(inspectRequest(csr, 'f').fact),
    `certificate signing request
  subject     CN=a\u{fffd}[2Jb
  names       *.etcd.svc
  usages      not asked for
  CA          no
  key         ecdsa 256
  signature   ecdsa-with-SHA256, verifies`,
  );
});

test('describeCertificate() says how deep a CA may go, and that it is over', async (t) => {
  const { fact } = await makeCa({ ca: { pathLength: 2 } });
  const lines = describeCertificate(fact, new Date('2040-01-01')).split('\n');
  t.deepEqual(
    lines.filter((line) => /^ {2}(valid|CA) /.test(line)),
    [
      '  valid       2026-11-21 11:50 UTC to 2036-11-18 11:50 UTC, expired',
      '  CA          yes, with at most 2 CAs below it',
    ],
  );
});
