import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Debian } from '../../../src/lab/debian.ts';
import { labDown } from '../../../src/lab/down.ts';
import { type EtcdPaths, ensureEtcd } from '../../../src/lab/etcd.ts';
import { type LabHost, labHosts } from '../../../src/lab/host.ts';
import { type LocalOptions, type Outcome, run } from '../../../src/lab/local-command.ts';
import { endAbandonedLabs, ourselves } from '../../../src/lab/owner.ts';
import { type LabPaths, labPaths } from '../../../src/lab/paths.ts';
import { labUp } from '../../../src/lab/up.ts';
import { builtCli } from './build.ts';

export interface TestLab {
  readonly name: string;
  readonly hosts: readonly LabHost[];
  readonly paths: LabPaths;
  readonly etcd: EtcdPaths;
  /** Runs the built command line, as a person would type it; 300 s unless told. */
  provision(args: readonly string[], options?: LocalOptions): Promise<Outcome>;
  /** Writes an inventory beside the lab's own and returns its path; it goes when the lab goes. */
  inventory(file: string, text: string): Promise<string>;
}

export interface TestWish {
  readonly count: number;
  readonly debian?: Debian;
  readonly etcd?: string;
}

/**
 * Gives a test file a lab of its own: up before its first test, gone after its last, and ended by the next run if this
 * one is killed. Read `.current` inside tests only.
 */
export function useLab(wish: TestWish): { readonly current: TestLab } {
  let lab: TestLab | undefined;
  test.before('a lab for this file', async (t) => {
    t.timeout(900_000, 'a base may have to be built, etcd compiled');
    await endAbandonedLabs();
    lab = await startLab(wish, t.log);
  });
  test.after.always('no lab is left', async () => {
    if (lab !== undefined) await labDown(lab.name);
  });
  return {
    get current() {
      if (lab === undefined) throw new Error('the lab is up only while tests run');
      return lab;
    },
  };
}

/** The host at this place of a lab, from 0. */
export function hostAt({ hosts }: Pick<TestLab, 'hosts'>, at: number): LabHost {
  const host = hosts[at];
  if (host === undefined) throw new Error(`the lab has no host ${at}`);
  return host;
}

/** Brings up a lab that belongs to this process; the caller ends it with `labDown(name)`. */
export async function startLab(wish: TestWish, say: (line: string) => void): Promise<TestLab> {
  const { count, debian = 'bookworm', etcd = '3.5.30' } = wish;
  const name = `t${process.pid}-${Math.random().toString(36).slice(2, 6)}`;
  const cli = await builtCli();
  const programs = await ensureEtcd(etcd, say);
  const lab = await labUp({ name, count, debian, etcd, owner: await ourselves() }, say);
  const paths = labPaths(name);
  return {
    name,
    hosts: labHosts(lab),
    paths,
    etcd: programs,
    provision: (args, options) =>
      run(process.execPath, [cli, ...args], { deadline: 300, ...options }),
    async inventory(file, text) {
      const path = join(paths.directory, file);
      await writeFile(path, text);
      return path;
    },
  };
}
