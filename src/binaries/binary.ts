import { open } from 'node:fs/promises';
import { snapshotTool } from '../etcd/versions.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { type Architecture, architectureOfElf } from './architecture.ts';
import { rememberedSum } from './local-sum.ts';

export type BinaryName = 'etcd' | 'etcdctl' | 'etcdutl';

/** A program of etcd as a file on this machine. */
export interface Binary {
  readonly name: BinaryName;
  readonly path: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** What its ELF header says it runs on. */
  readonly architecture: Architecture;
}

/** The programs a release consists of. */
export function programsOf(version: string): readonly BinaryName[] {
  return snapshotTool(version) === 'etcdutl' ? ['etcd', 'etcdctl', 'etcdutl'] : ['etcd', 'etcdctl'];
}

/** What the file at the path is. Throws a Failure where it is missing, unreadable or no Linux program. */
export async function describeBinary(
  name: BinaryName,
  path: string,
  cache: string,
): Promise<Binary> {
  const header = Buffer.alloc(20);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `${path}: ${name} cannot be read (${cause.code})`, {
      cause,
      next: [remedy`name the directory that holds it under etcd.source in the inventory`],
    });
  });
  try {
    const { size } = await file.stat();
    await file.read(header, 0, header.length, 0);
    const architecture = architectureOfElf(header);
    if (architecture === undefined) {
      throw new Failure(
        'usage',
        `${path} is not a Linux program (no ELF header etcd is built with)`,
        {
          next: [remedy`take it from the linux archive of the release`],
        },
      );
    }
    return { name, path, size, architecture, sha256: await rememberedSum(path, cache) };
  } finally {
    await file.close();
  }
}
