import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createCa } from '../../../src/pki/ca/create-ca.ts';
import { crlPath, readCrl, revoke } from '../../../src/pki/ca/revoke.ts';
import { unlockCa } from '../../../src/pki/ca/unlock-ca.ts';
import { NOW, openssl, P256, scratch } from '../workshop.ts';

const DATE = new Date('2026-11-20T00:00:00Z');
const desired = { subject: [{ type: 'CN', value: 'ca' }], hours: 1_000, key: P256 };

test('revoke() adds to what was revoked before, as DER that openssl verifies; with nothing to add it renews', async (t) => {
  const store = join(await scratch(t), 'pki');
  await createCa(store, desired, NOW);
  const ca = await unlockCa(store, NOW);
  t.is(await readCrl(store), undefined);
  await revoke(store, [{ serial: 'a', date: DATE, reason: 'keyCompromise' }], 24, ca, NOW);
  await revoke(store, [{ serial: 'b', date: NOW }], 24, ca, NOW);
  const later = new Date(NOW.getTime() + 3_600_000);
  await revoke(store, [], 24, ca, later);
  const crl = await readCrl(store);
  t.deepEqual(
    [crl?.fact.number, crl?.fact.thisUpdate, crl?.fact.revoked],
    [
      '3',
      later,
      [
        { serial: 'a', date: DATE, reason: 'keyCompromise' },
        { serial: 'b', date: NOW, reason: undefined },
      ],
    ],
  );
  const path = crlPath(store);
  t.is(crl?.sha256, (await openssl('dgst', '-sha256', '-r', path)).slice(0, 64));
  t.is((await stat(path)).mode & 0o777, 0o600);
  await t.notThrowsAsync(
    openssl(
      'crl',
      '-inform',
      'DER',
      '-in',
      path,
      '-noout',
      '-CAfile',
      join(store, 'ca.crt'),
      '-verify',
    ),
  );
});

test('revoke() loses no earlier revocation to a damaged list', async (t) => {
  const store = join(await scratch(t), 'pki');
  await createCa(store, desired, NOW);
  const ca = await unlockCa(store, NOW);
  await writeFile(crlPath(store), 'rubbish');
  await t.throwsAsync(revoke(store, [], 24, ca, NOW), {
    name: 'Failure',
    message: `${crlPath(store)}: the list is not DER (Too few bytes to read ASN.1 value.)`,
  });
  t.is(await readFile(crlPath(store), 'utf8'), 'rubbish');
});
