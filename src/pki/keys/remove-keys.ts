import { removeDurably } from '../../durable/durable-file.ts';
import { pathsOf } from '../store/store.ts';

/** Removes the keys of these certificates from the store; those that are not there are no mistake. */
export async function removeKeys(directory: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await removeDurably(pathsOf(directory, id).key);
}

/** Removes certificates from the store with their keys, keys first; those that are not there are no mistake. */
export async function removeCertificates(directory: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { key, hostKey, certificate } = pathsOf(directory, id);
    for (const path of [key, hostKey, certificate]) await removeDurably(path);
  }
}
