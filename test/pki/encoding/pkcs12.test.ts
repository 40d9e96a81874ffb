import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import test from 'ava';
import { pkcs12 } from '../../../src/pki/encoding/pkcs12.ts';
import { Secret } from '../../../src/shell/secret.ts';
import { makeCa, makeLeaf, openssl, P256, scratch } from '../workshop.ts';

for (const kind of [P256, { algo: 'rsa', size: 2048 } as const]) {
  test(`pkcs12() makes a file with a ${kind.algo} key that openssl and node open with the passphrase`, async (t) => {
    const path = join(await scratch(t), 'x.p12');
    const ca = await makeCa();
    const leaf = await makeLeaf(ca, {}, kind);
    const pfx = await pkcs12(
      'etcd 北京',
      leaf.certificate,
      [ca.certificate],
      leaf.privateKey,
      new Secret('pä密'),
    );
    await writeFile(path, pfx);
    const open = (...flags: readonly string[]) =>
      openssl('pkcs12', '-in', path, '-passin', 'pass:pä密', ...flags);
    const serial = (pem: string) => new X509Certificate(pem).serialNumber;
    t.is(serial(await open('-clcerts', '-nokeys')), serial(leaf.certificate));
    t.is(serial(await open('-cacerts', '-nokeys')), serial(ca.certificate));
    t.true(createPrivateKey(await open('-nocerts', '-nodes')).equals(leaf.privateKey));
    t.notThrows(() => createSecureContext({ pfx, passphrase: 'pä密' }));
    t.throws(() => createSecureContext({ pfx, passphrase: 'wrong' }), {
      message: /mac verify failure/i,
    });
  });
}
