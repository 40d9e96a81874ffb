import { randomBytes } from 'node:crypto';
import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run } from './local-command.ts';
import { type DiskPaths, diskPaths, labPaths } from './paths.ts';
import type { HostRecord, LabRecord } from './record.ts';
import { ensureHostKeys } from './ssh-access.ts';

// Of statfs(2).
const OVERLAYFS = 0x794c7630;

/** Makes a place for the disks of a lab. In a container the files lie on an overlay, which can't be a layer itself: then memory. */
export async function makeDiskPlace(lab: string): Promise<void> {
  const place = labPaths(lab).disks;
  await mkdir(place, { recursive: true });
  if ((await statfs(place)).type !== OVERLAYFS) return;
  const args = ['-t', 'tmpfs', '-o', 'mode=0700', `provision-${lab}`, place];
  await must(`free space for the disks of ${lab}`, 'mount', args);
}

/** Takes back what makeDiskPlace mounted. */
export async function releaseDiskPlace(lab: string): Promise<void> {
  const place = labPaths(lab).disks;
  if (await isMounted(place)) await must(`unmount the disks of ${lab}`, 'umount', [place]);
}

/** Mounts a host's root: its own layer over the read-only base. Idempotent. */
export async function mountDisk(lab: LabRecord, host: HostRecord): Promise<DiskPaths> {
  const disk = diskPaths(lab.name, host.name);
  const { upper, work, root } = disk;
  for (const path of [upper, work, root]) await mkdir(path, { recursive: true });
  if (await isMounted(root)) return disk;
  const layers = `lowerdir=${lab.base},upperdir=${upper},workdir=${work}`;
  const args = ['-t', 'overlay', `provision-${lab.name}`, '-o', layers, root];
  await must(`mount the disk of ${host.name}`, 'mount', args);
  return disk;
}

/** Writes what makes this host different from all others; returns its public host keys. */
export async function writeHostIdentity(
  lab: LabRecord,
  host: HostRecord,
  root: string,
  publicKey: string,
): Promise<readonly string[]> {
  const names = lab.hosts.map(({ name, address }) => `${address} ${name}\n`);
  await writeFile(join(root, 'etc/hostname'), `${host.name}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n::1 localhost\n${names.join('')}`);
  // Only once: a machine keeps its id over restarts.
  if ((await readFile(join(root, 'etc/machine-id'), 'utf8')).trim().length !== 32)
    await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  await authorise(join(root, 'root'), publicKey, '0:0');
  await authorise(join(root, 'home/ops'), publicKey, '1000:1000');
  return ensureHostKeys(root, host.name);
}

/** Unmounts a host's root. Throws a Failure when something still uses it. */
export async function unmountDisk(lab: string, host: string): Promise<void> {
  const { root } = diskPaths(lab, host);
  if (await isMounted(root)) await must(`unmount the disk of ${host}`, 'umount', [root]);
}

async function authorise(home: string, publicKey: string, owner: string): Promise<void> {
  const directory = join(home, '.ssh');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'authorized_keys'), publicKey, { mode: 0o600 });
  await must(`give ${directory} to ${owner}`, 'chown', ['--recursive', owner, directory]);
}

async function isMounted(path: string): Promise<boolean> {
  return (await run('mountpoint', ['--quiet', path])).exitCode === 0;
}
