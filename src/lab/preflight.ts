import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { exists } from './exists.ts';
import { must, searchPath } from './local-command.ts';

export type Say = (line: string) => void;

/** What the lab runs, and the Debian package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  ssh: 'openssh-client',
  nft: 'nftables',
  'dpkg-deb': 'dpkg',
};

/** Why no lab can run on this machine, as a sentence, or undefined when one can. Changes nothing. */
export async function whyNoLab(): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return `lab hosts need Linux, and this machine runs ${process.platform}`;
  if (process.getuid?.() !== 0) return 'lab hosts need root: they are systemd in namespaces';
  if ((await findProgram('apt-get')) === undefined)
    return 'lab hosts are made from Debian packages, and this machine has no apt-get';
  if (!(await mayMount()))
    return 'lab hosts need mounts and network namespaces, which this container does not allow';
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  if (!/ cgroup2 /.test(mounts))
    return 'lab hosts need control groups of version 2, and none are mounted';
  return undefined;
}

// Bits 12 and 21 are CAP_NET_ADMIN and CAP_SYS_ADMIN, see capabilities(7).
async function mayMount(): Promise<boolean> {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(
    await readFile('/proc/self/status', 'utf8'),
  )?.[1];
  const needed = (1n << 12n) | (1n << 21n);
  return (BigInt(`0x${effective ?? '0'}`) & needed) === needed;
}

/** Throws a Failure where no lab can run; then installs by apt what is missing. */
export async function prepareMachine(say: Say): Promise<void> {
  const sentence = await whyNoLab();
  if (sentence !== undefined)
    throw new Failure('failed', sentence, {
      next: [remedy`run it as root on a Debian machine, or write an inventory of your own hosts`],
    });
  await installMissing(PROGRAMS, say);
}

/** Installs by apt the packages of those programs, which are the keys, that are not there. */
export async function installMissing(
  programs: Readonly<Record<string, string>>,
  say: Say,
): Promise<void> {
  const missing: string[] = [];
  for (const [program, wanted] of Object.entries(programs))
    if ((await findProgram(program)) === undefined) missing.push(wanted);
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')} by apt`);
  await withoutDaemons(() => install(missing));
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '--yes', '--no-install-recommends', ...packages];
  await must('read the package lists', 'apt-get', ['update'], { env, deadline: 300 });
  await must(`install ${packages.join(', ')}`, 'apt-get', args, { env, deadline: 900 });
}

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.saved-by-provision`;
const OURS = '#!/bin/sh\n# of provision lab, while apt runs\nexit 101\n';

/** Runs the work while packages may not start daemons on this machine; the policy is put back as it was. */
async function withoutDaemons(work: () => Promise<void>): Promise<void> {
  await restorePolicy();
  const theirs = await readFile(POLICY, 'utf8').catch(ifMissing);
  if (theirs !== undefined) await rename(POLICY, SAVED);
  await writeFile(POLICY, OURS);
  await chmod(POLICY, 0o755);
  try {
    await work();
  } finally {
    await restorePolicy();
  }
}

// Also repairs what a killed run left.
async function restorePolicy(): Promise<void> {
  const now = await readFile(POLICY, 'utf8').catch(ifMissing);
  if (now === OURS) await rm(POLICY);
  const saved = await readFile(SAVED, 'utf8').catch(ifMissing);
  if (saved !== undefined) await rename(SAVED, POLICY);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The path of a program, sought where root's lie too; undefined where there is none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const place of searchPath()) {
    const path = join(place, name);
    if (await exists(path)) return path;
  }
  return undefined;
}
