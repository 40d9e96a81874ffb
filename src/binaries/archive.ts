import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { type BinaryName, programsOf } from './binary.ts';
import { sha256OfFile } from './local-sum.ts';
import { writeSums } from './sums.ts';

// The largest program so far is etcd 3.6 with 26 MB.
const LARGEST_PROGRAM = 512 * 1024 * 1024;

/**
 * Unpacks the programs of an archive of the official release's shape into a directory, with SHA256SUMS beside them.
 * Only they are written. Throws a Failure for anything that is not such an archive of that version.
 */
export async function unpack(archive: string, version: string, directory: string): Promise<void> {
  const tar = extract();
  const wanted = programsOf(version);
  const [fed, found] = await Promise.allSettled([
    pipeline(createReadStream(archive), createGunzip(), tar),
    writePrograms(tar, archive, version, directory),
  ]);
  // The reader knows more than the pipe it broke.
  if (found.status === 'rejected' && found.reason instanceof Failure) throw found.reason;
  if (fed.status === 'rejected') throw unreadable(archive, fed.reason);
  if (found.status === 'rejected') throw unreadable(archive, found.reason);

  const missing = wanted.filter((name) => !found.value.has(name));
  if (missing.length > 0) {
    throw refusal(archive, `holds no ${missing.join(', ')}, which etcd ${version} consists of`);
  }
  const sums = new Map<string, string>();
  for (const name of wanted) sums.set(name, await sha256OfFile(join(directory, name)));
  await writeFile(join(directory, 'SHA256SUMS'), writeSums(sums));
}

async function writePrograms(
  tar: Extract,
  archive: string,
  version: string,
  directory: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const entry of tar) {
    const { name, type = 'file', size = 0 } = entry.header;
    const components = name.split('/').filter((part) => part !== '' && part !== '.');
    if (name.startsWith('/') || components.includes('..')) {
      throw refusal(archive, `holds ${JSON.stringify(name)}, a path that leaves the archive`);
    }
    const other = /^etcd-v(\d+\.\d+\.\d+)-/.exec(components[0] ?? '')?.[1];
    if (other !== undefined && other !== version) {
      throw refusal(archive, `holds etcd ${other}, and the inventory says ${version}`);
    }
    const program = programIn(components, version);
    if (program === undefined || type === 'directory') {
      entry.resume();
      continue;
    }
    if (type !== 'file') throw refusal(archive, `holds ${name} as a ${type}, not as a file`);
    if (found.has(program)) throw refusal(archive, `holds ${program} twice`);
    if (size > LARGEST_PROGRAM) throw refusal(archive, `holds ${name} of ${size} bytes`);
    found.add(program);
    await pipeline(entry, createWriteStream(join(directory, program), { mode: 0o755 }));
  }
  return found;
}

// At the top or one directory down, as in the release; deeper files of that name are somebody else's.
function programIn(components: readonly string[], version: string): BinaryName | undefined {
  if (components.length === 0 || components.length > 2) return undefined;
  return programsOf(version).find((program) => program === components.at(-1));
}

function refusal(archive: string, why: string): Failure {
  return new Failure('usage', `${archive} ${why}`, {
    next: [remedy`use the linux archive of the release, and name its version under etcd.version`],
  });
}

function unreadable(archive: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new Failure('usage', `${archive} cannot be read as a .tar.gz archive${code}`, {
    cause,
    next: [remedy`use the archive of the release as it was downloaded`],
  });
}
