import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import type { Secret } from '../shell/secret.ts';

/** A key file as it lies on the disk. */
export interface KeyFile {
  readonly path: string;
  /** The public half as a blob (RFC 4253 §6.6), where it can be told without a passphrase. */
  readonly publicKey: Buffer | undefined;
  /** The private half; nothing when it is encrypted, or held by an agent only. */
  readonly privateKey: ParsedKey | undefined;
  readonly encrypted: boolean;
  readonly text: string;
}

/** Reads the key; nothing where there is no file. Throws a Failure for one that others may read or that holds no key. */
export async function readKeyFile(path: string): Promise<KeyFile | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;

  const key = ssh2.utils.parseKey(text);
  if (!(key instanceof Error)) {
    return {
      path,
      publicKey: key.getPublicSSH(),
      privateKey: key.isPrivateKey() ? key : undefined,
      encrypted: false,
      text,
    };
  }
  if (!isEncrypted(text)) {
    throw new Failure('usage', `${path} holds no key that can be used`, {
      cause: key,
      next: [
        remedy`ssh-keygen -yf ${quote(path)} shows what OpenSSH makes of it; ssh-keygen -pf ${quote(path)} rewrites it in OpenSSH's own format`,
      ],
    });
  }
  const publicKey = publicHalf(text) ?? (await readPublic(`${path}.pub`));
  return { path, publicKey, privateKey: undefined, encrypted: true, text };
}

/** The private key behind the passphrase; nothing when it is the wrong one. */
export function decrypt(file: KeyFile, passphrase: Secret): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(file.text, passphrase.reveal());
  return key instanceof Error || !key.isPrivateKey() ? undefined : key;
}

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const { mode } = await stat(path);
    if ((mode & 0o077) === 0 || !text.includes('PRIVATE KEY')) return text;
    throw new Failure(
      'usage',
      `others may read the private key ${path} (mode ${(mode & 0o777).toString(8)})`,
      { next: [remedy`chmod 600 ${quote(path)}`] },
    );
  } catch (cause) {
    // Of the usual names, most do not exist; what a missing named key means, the caller knows.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    if (cause instanceof Failure) throw cause;
    throw new Failure('usage', `cannot read the key ${path}`, {
      cause,
      next: [remedy`see who owns it: ls -l ${quote(path)}`],
    });
  }
}

async function readPublic(path: string): Promise<Buffer | undefined> {
  const text = await readPrivate(path);
  const key = ssh2.utils.parseKey(text ?? '');
  return key instanceof Error ? undefined : key.getPublicSSH();
}

function isEncrypted(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  return (container(text)?.cipher ?? 'none') !== 'none';
}

function publicHalf(text: string): Buffer | undefined {
  return container(text)?.publicKey;
}

/** OpenSSH's PROTOCOL.key: magic, cipher, kdf and its options, the number of keys, the first public key; then secrets. */
function container(text: string): { cipher: string; publicKey: Buffer } | undefined {
  const [, body] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text) ?? [];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;

  let at = magic.length;
  const field = () => {
    if (at + 4 > bytes.length) return Buffer.alloc(0);
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  const cipher = field().toString('latin1');
  field();
  field();
  at += 4;
  return { cipher, publicKey: field() };
}
