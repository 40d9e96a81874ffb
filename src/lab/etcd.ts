import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_VERSION } from '../etcd/versions.ts';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { RELEASED } from './debian.ts';
import { fromDebian } from './etcd-debian.ts';
import { fromModules } from './etcd-modules.ts';
import { fromRelease } from './etcd-release.ts';
import type { EtcdSource } from './etcd-source.ts';
import { exists } from './exists.ts';
import { must } from './local-command.ts';
import { locked } from './lock.ts';
import { labHome } from './paths.ts';
import type { Say } from './preflight.ts';

/** Where the programs of one etcd version lie; the directory above has the shape of the release downloads. */
export interface EtcdPaths {
  /** Holds etcd, etcdctl and, from 3.5 on, etcdutl. */
  readonly directory: string;
  /** A link to it whose name is the same on every architecture. */
  readonly programs: string;
  /** The same as a release archive. */
  readonly archive: string;
  /** SHA256SUMS beside the archive. */
  readonly sums: string;
}

/** The paths of a version, for the architecture of this machine. */
export function etcdPaths(version: string): EtcdPaths {
  const folder = join(labHome(), 'etcd', `v${version}`);
  const shape = `etcd-v${version}-linux-${ARCHITECTURES[process.arch] ?? process.arch}`;
  return {
    directory: join(folder, shape),
    programs: join(folder, 'programs'),
    archive: join(folder, `${shape}.tar.gz`),
    sums: join(folder, 'SHA256SUMS'),
  };
}

/** etcd's and Go's names for what node calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const SOURCES: readonly EtcdSource[] = [fromDebian, fromModules, fromRelease];

/**
 * Makes the programs of an etcd version available, from Debian, else compiled where Go is at hand, else the official
 * release. Cached. Throws a Failure that says what each way answered when none has it.
 */
export async function ensureEtcd(version: string, say: Say): Promise<EtcdPaths> {
  if (!/^3\.\d{1,2}\.\d{1,3}$/.test(version))
    throw new Failure('usage', `etcd has no version ${JSON.stringify(version)}`, {
      next: [remedy`give a full version such as ${DEFAULT_VERSION}`],
    });
  const paths = etcdPaths(version);
  if (await exists(paths.sums)) return paths;
  return locked(`etcd-${version}`, async () => {
    if (await exists(paths.sums)) return paths;
    // What a killed run left.
    await rm(join(paths.directory, '..'), { recursive: true, force: true });
    await mkdir(paths.directory, { recursive: true });
    try {
      await fetchFromAnywhere(version, paths.directory, say);
      await check(version, paths.directory);
      await pack(paths);
    } catch (error) {
      await rm(join(paths.directory, '..'), { recursive: true, force: true });
      throw error;
    }
    return paths;
  });
}

async function fetchFromAnywhere(version: string, target: string, say: Say): Promise<void> {
  const refusals: string[] = [];
  for (const source of SOURCES) {
    try {
      const refusal = await source(version, target, say);
      if (refusal === undefined) return;
      refusals.push(refusal);
    } catch (error) {
      // A way that fails is not a reason not to try the next.
      if (!(error instanceof Failure)) throw error;
      refusals.push(error.message);
    }
  }
  throw new Failure('failed', `etcd ${version} could not be had: ${refusals.join('; ')}`, {
    next: [
      remedy`see that apt reaches its mirror, or choose another --etcd: ${RELEASED.join(', ')}`,
    ],
  });
}

// What calls itself otherwise would make every later message lie.
async function check(version: string, directory: string): Promise<void> {
  for (const program of await readdir(directory)) await chmod(join(directory, program), 0o755);
  const said = await must('ask etcd for its version', join(directory, 'etcd'), ['--version']);
  if (!said.startsWith(`etcd Version: ${version}\n`))
    throw new Failure('failed', `what should be etcd ${version} says ${said.split('\n')[0]}`, {
      next: [remedy`rm -r ${directory} and run it again`],
    });
}

async function pack({ directory, programs, archive, sums }: EtcdPaths): Promise<void> {
  const folder = join(directory, '..');
  const shape = directory.slice(folder.length + 1);
  const plain = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
  const args = ['--create', ...plain, '--file', `${archive}.new`, '--use-compress-program'];
  await must(`pack ${archive}`, 'tar', [...args, 'gzip -n -1', '--directory', folder, shape]);
  await rename(`${archive}.new`, archive);

  await symlink(shape, programs);

  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  // Written last: its presence says that all the rest is whole.
  await writeFile(sums, `${hash.digest('hex')}  ${shape}.tar.gz\n`);
}
