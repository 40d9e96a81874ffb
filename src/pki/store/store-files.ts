import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readIfThere, unreadable } from '../../durable/durable-file.ts';
import { Failure } from '../../failure/failure.ts';
import { remedy } from '../../problem/remedy.ts';
import { quote } from '../../shell/command.ts';
import { Secret } from '../../shell/secret.ts';
import { refuseOthersFiles } from '../../trust/ownership.ts';

/** Where the PKI store of an inventory is: `pki.store` from the inventory's directory (~ is your home), else `<cluster>.pki` there. */
export function storeDirectory(
  inventory: { readonly cluster: string; readonly pki: { readonly store?: string | undefined } },
  inventoryDirectory: string,
): string {
  const store = inventory.pki.store ?? `${inventory.cluster}.pki`;
  return resolve(inventoryDirectory, store.replace(/^~(?=\/|$)/, homedir()));
}

/** Where the CAs above a brought CA stand; absent for a CA of our own. */
export function chainPath(directory: string): string {
  return join(directory, 'ca-chain.crt');
}

/** A key file of the store as a Secret, or undefined when there is none. */
export async function readSecretIfThere(path: string): Promise<Secret | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : new Secret(text);
}

/** The key file of a CA, encrypted or not, or undefined when there is none. Throws a Failure when it holds no key. */
export async function readCaKeyIfThere(path: string): Promise<Secret | undefined> {
  const key = await readSecretIfThere(path);
  if (key === undefined) return undefined;
  await refuseIfShared(path);
  if (key.reveal().includes('PRIVATE KEY-----')) return key;
  throw new Failure(
    'failed',
    `${path}: ${key.reveal() === '' ? 'is empty' : 'holds no private key'}`,
    {
      next: [
        remedy`put the key back from a copy of the store; or, to go on without it as long as nothing must be signed: mv ${quote(path)} ${quote(`${path}.damaged`)}; then run the same command again`,
      ],
    },
  );
}

/** Makes the directory (0700) and those above it where they are missing. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure('failed', `${directory}: could not be made`, {
      cause: error,
      next: [
        remedy`see what stands in its place and who owns it: ls -ld ${quote(directory)} ${quote(dirname(directory))}`,
      ],
    });
  }
}

/** Throws a Failure (refused) when anybody but the owner has rights to the file or directory. */
export async function refuseIfShared(path: string): Promise<void> {
  const { mode } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  refuseOthersFiles(path, 'the key file or store');
  if ((mode & 0o077) === 0) return;
  const shown = (mode & 0o7777).toString(8).padStart(4, '0');
  throw new Failure('refused', `${path}: mode ${shown} lets others at the keys of the cluster`, {
    next: [remedy`chmod go= ${quote(path)}`],
  });
}
