import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import type { Architecture } from './architecture.ts';
import { makeCacheDirectory, uniqueName } from './cache.ts';
import { type Answer, connectionFailure, get } from './download.ts';
import { readSums } from './sums.ts';

const RELEASES = 'https://github.com/etcd-io/etcd/releases/download';
const LARGEST_SUMS = 65_536;

export interface Release {
  readonly version: string;
  readonly architecture: Architecture;
  readonly archive: string;
  readonly archiveUrl: string;
  readonly sumsUrl: string;
  /** Where the checksums are kept once they were fetched: a release never changes. */
  readonly keptSums: string;
}

export interface Progress {
  /** What is being read or fetched: a file name. */
  readonly what: string;
  /** Bytes so far. */
  readonly done: number;
  /** Bytes in all, where known. */
  readonly total: number | undefined;
}

/** Where a release lies, in the layout of the project's own downloads page. */
export function releaseAt(
  base: string | undefined,
  version: string,
  architecture: Architecture,
  cache: string,
): Release {
  const directory = `${(base ?? RELEASES).replace(/\/+$/, '')}/v${version}`;
  const archive = `etcd-v${version}-linux-${architecture}.tar.gz`;
  const sumsUrl = `${directory}/SHA256SUMS`;
  const place = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return {
    version,
    architecture,
    archive,
    archiveUrl: `${directory}/${archive}`,
    sumsUrl,
    keptSums: join(cache, 'etcd', `v${version}-${place}.SHA256SUMS`),
  };
}

/** The archive's sha256 as an earlier run learned it, or undefined. */
export async function knownSum({ keptSums, archive }: Release): Promise<string | undefined> {
  try {
    return readSums(await readFile(keptSums, 'utf8')).get(archive);
  } catch {
    // Expected before the first download.
    return undefined;
  }
}

/** The archive's sha256 as the release says now, kept for later runs. Throws a Failure where there is no such release. */
export async function fetchSum(release: Release): Promise<string> {
  const { version, architecture, archive, sumsUrl, keptSums } = release;
  const { status, body } = await get(sumsUrl);
  if (status !== 200) {
    throw status === 404
      ? new Failure('usage', `etcd ${version} does not exist at ${sumsUrl} (404)`, {
          next: [remedy`correct etcd.version in the inventory, or etcd.source.release.url`],
        })
      : badAnswer(sumsUrl, status);
  }
  const listed = await readShort(sumsUrl, body);
  const sum = readSums(listed).get(archive);
  if (sum === undefined) {
    throw new Failure('usage', `etcd ${version} has no build for ${architecture} at ${sumsUrl}`, {
      next: [remedy`look for ${archive} there; it is not among the checksums`],
    });
  }
  await makeCacheDirectory(dirname(keptSums));
  const temporary = uniqueName(keptSums);
  await writeFile(temporary, listed);
  await rename(temporary, keptSums);
  return sum;
}

/** The archive as it begins to arrive. Throws a Failure where it is not to be had. */
export async function openArchive({
  archiveUrl,
  version,
  architecture,
}: Release): Promise<Pick<Answer, 'body' | 'length'>> {
  const { status, body, length } = await get(archiveUrl);
  if (status === 200) return { body, length };
  throw status === 404
    ? new Failure('usage', `etcd ${version} for ${architecture} is not at ${archiveUrl} (404)`, {
        next: [remedy`name another mirror under etcd.source.release.url in the inventory`],
      })
    : badAnswer(archiveUrl, status);
}

/** Fetches the archive into a file, hashing as it arrives. Throws a Failure unless its sha256 is the expected one. */
export async function fetchArchive(
  release: Release,
  sha256: string,
  file: string,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { archive, archiveUrl } = release;
  const { body, length } = await openArchive(release);
  const hash = createHash('sha256');
  let done = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        done += chunk.length;
        onProgress({ what: archive, done, total: length });
        yield chunk;
      }
    },
    createWriteStream(file),
  ).catch((cause: unknown) => {
    throw connectionFailure(archiveUrl, cause);
  });
  const actual = hash.digest('hex');
  if (actual !== sha256) {
    throw new Failure(
      'refused',
      `${archiveUrl} has sha256 ${actual}, and its SHA256SUMS says ${sha256}`,
      { next: [remedy`run it again; if it stays so, what is offered there is not the release`] },
    );
  }
}

async function readShort(url: string, body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > LARGEST_SUMS) break;
    }
  } catch (cause) {
    throw connectionFailure(url, cause);
  }
  if (bytes > LARGEST_SUMS) {
    throw new Failure('failed', `${url} is not a list of checksums: it is over 64 KiB`, {
      next: [remedy`name the mirror's directory of releases under etcd.source.release.url`],
    });
  }
  return Buffer.concat(chunks).toString();
}

function badAnswer(url: string, status: number): Failure {
  return new Failure('failed', `${url} answers with HTTP status ${status}`, {
    next: [
      remedy`try it in a browser; name another mirror under etcd.source.release.url where it stays so`,
    ],
  });
}
