import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import { inside, type LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';

/** Runs a shell script as root on a host and returns what it printed; throws what it complained of. */
export async function onHost(host: LabHost, script: string, input = ''): Promise<string> {
  const command = sh`/bin/bash -c ${script}`;
  const { exitCode, stdout, stderr } = await inside(host, command, { input, deadline: 120 });
  if (exitCode !== 0) throw new Error(`${host.name}: ${script.slice(0, 200)}: ${stdout}${stderr}`);
  return stdout.trimEnd();
}

export interface FileWish {
  /** 644 unless told. */
  readonly mode?: string;
  /** Account; root unless told. */
  readonly owner?: string;
}

/** Puts a file on a host, with the directories it needs. */
export async function put(
  host: LabHost,
  path: string,
  text: string,
  wish: FileWish = {},
): Promise<void> {
  await mkdir(join(host.root, dirname(path)), { recursive: true });
  await writeFile(join(host.root, path), text);
  await own(host, path, wish);
}

/** Copies a file of this machine to a host. */
export async function copyTo(
  host: LabHost,
  from: string,
  path: string,
  wish: FileWish = {},
): Promise<void> {
  await mkdir(join(host.root, dirname(path)), { recursive: true });
  await copyFile(from, join(host.root, path));
  await own(host, path, wish);
}

function own(host: LabHost, path: string, { mode = '644', owner = 'root' }: FileWish) {
  return onHost(host, `chmod ${mode} '${path}' && chown '${owner}:' '${path}'`);
}

/** Puts etcd and etcdctl of a version into a directory of a host. */
export async function putPrograms(host: LabHost, version: string, target: string): Promise<void> {
  const { directory } = await ensureEtcd(version, () => {});
  for (const program of ['etcd', 'etcdctl'])
    await copyTo(host, join(directory, program), join(target, program), { mode: '755' });
}
