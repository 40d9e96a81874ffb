import { createPublicKey, type KeyObject } from 'node:crypto';
import { readIfThere, writeAtomically, writeFirst } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { Secret } from '../../shell/secret.ts';
import type { DesiredCa } from '../desired-certificate.ts';
import { signCa } from '../issue/sign.ts';
import {
  encryptedKeyPem,
  isEncryptedPem,
  privateKeyPem,
  readPrivateKey,
} from '../keys/key-files.ts';
import { describeKey, generateKey, kindOf } from '../keys/keys.ts';
import { pathsOf } from '../store/store.ts';
import { makePrivateDirectory, readSecretIfThere, refuseIfShared } from '../store/store-files.ts';

/**
 * Makes a CA in the store; with a passphrase its key is encrypted at rest. A key that a killed run left is used again.
 * Throws a Failure (refused) when the store already has a CA: nothing overwrites one.
 */
export async function createCa(
  directory: string,
  desired: DesiredCa,
  now: Date,
  passphrase?: Secret,
): Promise<void> {
  const paths = pathsOf(directory, 'ca');
  await makePrivateDirectory(directory);
  await refuseIfShared(directory);
  if ((await readIfThere(paths.certificate)) !== undefined) throw isThere(paths.certificate);
  const key = await leftOrNewKey(paths.key, desired, passphrase);
  const draft = {
    subject: desired.subject,
    names: [],
    usages: [],
    keyUsages: ['keyCertSign', 'cRLSign'] as const,
    // This CA signs leaves only, so nobody can found another one on it.
    ca: { pathLength: 0 },
    publicKey: createPublicKey(key),
    hours: desired.hours,
  };
  const isFirst = await writeFirst(paths.certificate, await signCa(draft, key, now));
  if (!isFirst) throw isThere(paths.certificate);
}

/** Says that a store has its CA, and keeps it. */
export function isThere(path: string): Failure {
  return new Failure('refused', `${path}: is there already; a CA is never overwritten`, {
    next: [remedy`rotate the CA, or name another pki.store`],
  });
}

async function leftOrNewKey(
  path: string,
  desired: DesiredCa,
  passphrase: Secret | undefined,
): Promise<KeyObject> {
  const left = await readSecretIfThere(path);
  if (left === undefined) {
    const { privateKey } = await generateKey(desired.key);
    if (await writeFirst(path, await keyText(privateKey, passphrase))) return privateKey;
  }
  // Left by a killed run, or just written by another one that runs beside this.
  const text = left ?? (await readSecretIfThere(path)) ?? new Secret('');
  const key = readPrivateKey(text, path, passphrase);
  const found = describeKey(kindOf(key));
  if (found !== describeKey(desired.key)) {
    throw new Failure('refused', `${path}: is ${found}, wanted ${describeKey(desired.key)}`, {
      next: [remedy`move ${path} away to have a new CA key made`],
    });
  }
  if (passphrase !== undefined && !isEncryptedPem(text)) {
    await writeAtomically(path, await keyText(key, passphrase));
  }
  return key;
}

async function keyText(key: KeyObject, passphrase: Secret | undefined): Promise<Secret> {
  return passphrase === undefined ? privateKeyPem(key) : encryptedKeyPem(key, passphrase);
}
