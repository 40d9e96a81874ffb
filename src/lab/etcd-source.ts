import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Say } from './preflight.ts';

/** A way to etcd: puts the programs of a version into the target, or says in a sentence why it does not offer it. */
export type EtcdSource = (version: string, target: string, say: Say) => Promise<string | undefined>;

/** Copies what etcd's programs are among the files of a directory; older versions have no etcdutl. */
export async function copyPrograms(from: string, to: string): Promise<void> {
  for (const file of await readdir(from))
    if (['etcd', 'etcdctl', 'etcdutl'].includes(file))
      await copyFile(join(from, file), join(to, file));
}
