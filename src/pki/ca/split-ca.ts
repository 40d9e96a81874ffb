import { readIfThere, writeAtomically, writeFirst } from '../../durable/durable-file.ts';
import { pathsOf, readCaCertificate } from '../store/store.ts';
import { makePrivateDirectory } from '../store/store-files.ts';
import { authorityDirectory } from './authority.ts';
import { crlPath, readCrl } from './revoke.ts';

/**
 * Begins to tell the CA of the peers from the one they have shared with clients: until another takes its place it is the
 * same certificate, in a place of its own, with the same revocation list. The key stays where it is. Does nothing where
 * peers have a CA of their own.
 */
export async function shareCa(store: string): Promise<void> {
  const directory = authorityDirectory(store, 'peer');
  const { certificate } = pathsOf(directory, 'ca');
  if ((await readIfThere(certificate)) !== undefined) return;
  const list = await readCrl(store);
  await makePrivateDirectory(directory);
  // Last, since from then on peers count as having their own.
  if (list !== undefined) await writeAtomically(crlPath(directory), list.der);
  await writeFirst(certificate, await readCaCertificate(store));
}
