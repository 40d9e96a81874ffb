import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import type { Debian } from './debian.ts';
import { labHome, labPaths } from './paths.ts';

/** A process that still runs as long as both fit: numbers of processes are used again. */
export interface Owner {
  readonly pid: number;
  /** In clock ticks since this machine started, as /proc counts. */
  readonly startTime: string;
}

export interface HostRecord {
  readonly name: string;
  readonly index: number;
  readonly address: string;
  readonly address6: string;
  /** Network namespace of this power-on; a fresh one every time, for their deletion is asynchronous. */
  readonly netns: string;
}

/** What must be known to end a lab or to boot it again; written before anything is made. */
export interface LabRecord {
  readonly name: string;
  readonly subnet: number;
  readonly debian: Debian;
  readonly base: string;
  readonly etcd: string;
  readonly hosts: readonly HostRecord[];
  /** The test run it belongs to; labs that people made have none. */
  readonly owner?: Owner;
}

/** The lab of this name, or undefined where there is none. Throws a Failure when its record is damaged. */
export async function readRecord(name: string): Promise<LabRecord | undefined> {
  const path = labPaths(name).record;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('failed', `${path} is damaged`, {
      cause,
      next: [remedy`provision lab down --all, then make the lab again`],
    });
  }
}

/** Writes the record; a reader sees the old one or the new one, never half of it. */
export async function writeRecord(record: LabRecord): Promise<void> {
  const { directory, record: path } = labPaths(record.name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

/** The names of all labs on this machine, running or not. */
export async function labNames(): Promise<readonly string[]> {
  const entries = await readdir(join(labHome(), 'lab'), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}
