import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../failure/failure.ts';
import type { Inventory } from '../inventory/schema.ts';
import { INVENTORY, remedy } from '../problem/remedy.ts';
import type { Architecture } from './architecture.ts';
import { type Binary, describeBinary, programsOf } from './binary.ts';
import { cacheHome, fillDirectory } from './cache.ts';
import { sha256OfFile } from './local-sum.ts';
import { localVersion } from './local-version.ts';
import {
  fetchArchive,
  fetchSum,
  knownSum,
  openArchive,
  type Progress,
  releaseAt,
} from './release.ts';
import { readSums } from './sums.ts';

type Wanted = Pick<Inventory['etcd'], 'version' | 'source'>;

export interface ResolveOptions {
  /** Of the hosts; counts for releases only. */
  readonly architecture?: Architecture;
  readonly onProgress?: (progress: Progress) => void;
  /** The directory of our downloads; else the user's cache. */
  readonly cache?: string;
}

// What unpacks and what downloads is loaded where it is needed: most runs find everything in the cache.

/**
 * The etcd programs the inventory asks for, as local files with known hashes; none for `installed`. Downloads and
 * unpacks only what the cache does not hold. Throws a Failure where they are not to be had as asked.
 */
export async function resolveBinaries(
  { version, source }: Wanted,
  inventoryDirectory: string,
  options: ResolveOptions = {},
): Promise<readonly Binary[]> {
  const { architecture = 'amd64', onProgress = () => {}, cache = cacheHome() } = options;
  const at = (path: string) => resolve(inventoryDirectory, path.replace(/^~(?=\/|$)/, homedir()));

  if ('installed' in source) return [];
  if ('directory' in source) {
    refuseIncomplete(at(source.directory), version);
    const binaries = await describeAll(at(source.directory), version, cache);
    await refuseAnotherVersion(binaries, version, cache);
    return binaries;
  }
  if ('archive' in source) {
    return fromArchive(at(source.archive), source.sha256, version, cache);
  }
  return fromRelease(source.release.url, version, architecture, cache, onProgress);
}

/**
 * Asks whether the programs of a release are to be had, without fetching more than its checksums; what the cache holds is
 * not asked for. Throws the Failure that fetching them would.
 */
export async function askRelease(
  { version, source }: Wanted,
  { architecture = 'amd64', cache = cacheHome() }: ResolveOptions = {},
): Promise<void> {
  if (!('release' in source)) return;
  const release = releaseAt(source.release.url, version, architecture, cache);
  const label = `${version}-${architecture}`;
  const known = await knownSum(release);
  if (known && (await keptBinaries(unpackedAt(cache, label, known), version, cache))) return;
  await fetchSum(release);
  (await openArchive(release)).body.destroy();
}

async function fromArchive(
  archive: string,
  sha256: string,
  version: string,
  cache: string,
): Promise<readonly Binary[]> {
  const directory = unpackedAt(cache, `${version}-archive`, sha256);
  const kept = await keptBinaries(directory, version, cache);
  if (kept !== undefined) return kept;

  const actual = await sha256OfFile(archive).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('usage', `${archive} cannot be read (${cause.code})`, {
      cause,
      next: [remedy`correct etcd.source.archive in the inventory`],
    });
  });
  if (actual !== sha256) {
    throw new Failure(
      'refused',
      `${archive} has sha256 ${actual}, and the inventory says ${sha256}`,
      {
        next: [
          remedy`fetch the archive again, or correct etcd.source.sha256 if you know this one is right`,
        ],
      },
    );
  }
  const { unpack } = await import('./archive.ts');
  await fillDirectory(directory, (temporary) => unpack(archive, version, temporary));
  return describeAll(directory, version, cache);
}

async function fromRelease(
  base: string | undefined,
  version: string,
  architecture: Architecture,
  cache: string,
  onProgress: (progress: Progress) => void,
): Promise<readonly Binary[]> {
  const release = releaseAt(base, version, architecture, cache);
  const label = `${version}-${architecture}`;
  const known = await knownSum(release);
  const kept = known && (await keptBinaries(unpackedAt(cache, label, known), version, cache));
  if (kept) return kept;

  const sha256 = await fetchSum(release);
  const directory = unpackedAt(cache, label, sha256);
  const { unpack } = await import('./archive.ts');
  await fillDirectory(directory, async (temporary) => {
    const archive = join(temporary, release.archive);
    await fetchArchive(release, sha256, archive, onProgress);
    await unpack(archive, version, temporary);
    await rm(archive);
  });
  return describeAll(directory, version, cache);
}

function unpackedAt(cache: string, label: string, sha256: string): string {
  return join(cache, 'etcd', `${label}-${sha256.slice(0, 16)}`);
}

/** Throws a Failure that names the lines of the inventory where a directory lacks a program of that version. */
function refuseIncomplete(directory: string, version: string): void {
  const missing = programsOf(version).filter((name) => !existsSync(join(directory, name)));
  if (missing.length === 0) return;
  const what = existsSync(directory) ? `has no ${missing.join(', ')}` : 'does not exist';
  throw new Failure(
    'usage',
    `etcd.source.directory: ${directory} ${what}, and etcd.version ${version} is to come from there`,
    {
      next: [
        remedy`put the programs of etcd ${version} there, or correct etcd.source.directory or etcd.version in ${INVENTORY}`,
      ],
    },
  );
}

/** Throws a Failure where the program of a directory says that it is another version. */
async function refuseAnotherVersion(
  binaries: readonly Binary[],
  version: string,
  cache: string,
): Promise<void> {
  const etcd = binaries.find(({ name }) => name === 'etcd');
  const found = etcd && (await localVersion(etcd, cache));
  if (etcd === undefined || found === undefined || found === version) return;
  throw new Failure(
    'usage',
    `etcd.source.directory: ${etcd.path} is etcd ${found}, and etcd.version says ${version}`,
    {
      next: [
        remedy`put the programs of etcd ${version} there, or correct etcd.source.directory or etcd.version in ${INVENTORY}`,
      ],
    },
  );
}

function describeAll(
  directory: string,
  version: string,
  cache: string,
): Promise<readonly Binary[]> {
  return Promise.all(
    programsOf(version).map((name) => describeBinary(name, join(directory, name), cache)),
  );
}

// What an earlier run unpacked, if it is still what it was; anything else is removed, to be made again.
async function keptBinaries(
  directory: string,
  version: string,
  cache: string,
): Promise<readonly Binary[] | undefined> {
  if (!existsSync(directory)) return undefined;
  try {
    const sums = readSums(await readFile(join(directory, 'SHA256SUMS'), 'utf8'));
    const binaries = await describeAll(directory, version, cache);
    if (binaries.every(({ name, sha256 }) => sums.get(name) === sha256)) return binaries;
  } catch {
    // A file is missing or unreadable, so the copy is not whole.
  }
  await rm(directory, { recursive: true, force: true });
  return undefined;
}
