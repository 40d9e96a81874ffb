import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Failure } from '../failure/failure.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import type { Secret } from '../shell/secret.ts';

/** Who can open a snapshot: those who know the passphrase, or have the identity of the recipient (`age1…`). */
export type Lock = { readonly passphrase: Secret } | { readonly recipient: string };
/** What opens it: the passphrase, or the text of an identity file (`AGE-SECRET-KEY-1…`). */
export type Key = { readonly passphrase: Secret } | { readonly identity: Secret };

/** The bytes in the age format (age-encryption.org/v1), which `age -d` opens too; memory stays flat. */
export async function encrypt(source: Readable, lock: Lock): Promise<Readable> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  if ('passphrase' in lock) encrypter.setPassphrase(lock.passphrase.reveal());
  else addRecipient(encrypter, lock.recipient);
  return readable(await encrypter.encrypt(webStream(source)));
}

/** What was encrypted; every chunk is authenticated before it is given on. Throws a Failure, at once or while reading. */
export async function decrypt(source: Readable, key: Key, path: string): Promise<Readable> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  try {
    if ('passphrase' in key) decrypter.addPassphrase(key.passphrase.reveal());
    else for (const line of identities(key.identity)) decrypter.addIdentity(line);
    return Readable.from(told(readable(await decrypter.decrypt(webStream(source))), path));
  } catch (cause) {
    source.destroy();
    // The library throws plain Errors, for a wrong key as for a file that is not an age file.
    throw cannotOpen(path, cause);
  }
}

async function* told(stream: Readable, path: string): AsyncIterable<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.from(chunk);
  } catch (cause) {
    // A chunk that is not authentic, or missing.
    throw new Failure('failed', `${path}: was damaged or cut short after it was encrypted`, {
      cause,
      next: [remedy`use another snapshot: ${provision('snapshot', 'list', INVENTORY)}`],
    });
  }
}

function addRecipient(encrypter: { addRecipient(text: string): void }, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    // The library says no more than that it is none.
    throw new Failure('usage', `${recipient} is not a recipient of age`, {
      cause,
      next: [remedy`give the public key that age-keygen printed: age1…`],
    });
  }
}

function identities(file: Secret): readonly string[] {
  const lines = file.reveal().split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function cannotOpen(path: string, cause: unknown): Failure {
  return new Failure('failed', `${path}: does not open with this key, or is damaged`, {
    cause,
    next: [remedy`give the passphrase or identity it was encrypted for`],
  });
}

// The library speaks the web's streams; the global type and node's differ in name only.
function webStream(source: Readable): globalThis.ReadableStream<Uint8Array> {
  return Readable.toWeb(source) as globalThis.ReadableStream<Uint8Array>;
}

function readable(stream: globalThis.ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream as ReadableStream<Uint8Array>);
}
