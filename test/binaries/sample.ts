import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { BinaryName } from '../../src/binaries/binary.ts';

/** A directory that goes with the test. */
export function temporary(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'provision-binaries-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The first 20 bytes of a 64-bit program: `machine` is e_machine of elf.h. */
export function elfHeader(machine: number, littleEndian = true): Buffer {
  const header = Buffer.alloc(20);
  header.write('\x7fELF', 'latin1');
  header[4] = 2;
  header[5] = littleEndian ? 1 : 2;
  if (littleEndian) header.writeUInt16LE(machine, 18);
  else header.writeUInt16BE(machine, 18);
  return header;
}

/** A file that looks like a program for amd64, unlike any other. */
export function program(bytes = 4096): Buffer {
  return Buffer.concat([elfHeader(62), randomBytes(bytes - 20)]);
}

/** Writes programs as the release archive has them, beside what else is in there; gives the directory's path. */
export function releaseTree(
  under: string,
  version: string,
  names: readonly BinaryName[],
  architecture = 'amd64',
): string {
  const top = join(under, `etcd-v${version}-linux-${architecture}`);
  mkdirSync(join(top, 'Documentation', 'etcd'), { recursive: true });
  writeFileSync(join(top, 'README.md'), '# etcd\n');
  writeFileSync(join(top, 'Documentation', 'etcd', 'etcd'), 'not a program');
  for (const name of names) writeFileSync(join(top, name), program(), { mode: 0o755 });
  return top;
}

/** Packs by the real tar; arguments as on its command line. */
export function tar(archive: string, ...how: readonly string[]): string {
  execFileSync('tar', ['-czf', archive, ...how], { stdio: ['ignore', 'ignore', 'pipe'] });
  return archive;
}

export function sha256(path: string): string {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
}
