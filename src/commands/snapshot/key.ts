import { readFile } from 'node:fs/promises';
import { Failure } from '../../failure/failure.ts';
import { refuseIfShared } from '../../pki/store/store-files.ts';
import { remedy } from '../../problem/remedy.ts';
import { passphraseFrom } from '../../run/passphrase.ts';
import { Secret } from '../../shell/secret.ts';
import type { Key, Lock } from '../../snapshot/encryption.ts';
import { isEncrypted } from '../../snapshot/open.ts';

/** What opens the snapshot file, asked for only where it is encrypted. Throws a Failure. */
export async function keyFor(
  path: string,
  {
    identity,
    passphraseFrom: source,
  }: { identity?: string | undefined; passphraseFrom?: string | undefined },
): Promise<Key | undefined> {
  if (!(await isEncrypted(path))) return undefined;
  if (identity === undefined) return { passphrase: await passphraseFrom(source, path, 'open') };
  await refuseIfShared(identity);
  const text = await readFile(identity, 'utf8').catch((cause: unknown) => {
    throw new Failure('usage', `${identity}: no identity could be read`, {
      cause,
      next: [remedy`name the file of the identity with --identity`],
    });
  });
  return { identity: new Secret(text) };
}

/** How a snapshot is to be locked, if at all. Throws a Failure. */
export async function lockFor(args: {
  encrypt: boolean;
  recipient?: string | undefined;
  passphraseFrom?: string | undefined;
}): Promise<Lock | undefined> {
  const { encrypt, recipient, passphraseFrom: source } = args;
  if (recipient !== undefined) return { recipient };
  if (!encrypt) return undefined;
  return { passphrase: await passphraseFrom(source, 'the snapshot', 'choose') };
}
