import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstMinor, isOlder } from '../etcd/versions.ts';
import type { EtcdSource } from './etcd-source.ts';
import { must, run } from './local-command.ts';

const PROGRAMS: Readonly<Record<string, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  etcdctl: 'go.etcd.io/etcd/etcdctl/v3',
  etcdutl: 'go.etcd.io/etcd/etcdutl/v3',
};

/** etcd 3.5 and later compiled from its Go modules, where Go is at hand. */
export const fromModules: EtcdSource = async (version, target, say) => {
  const first = firstMinor(({ isGoModules }) => isGoModules);
  if (isOlder(version, first)) return `etcd before ${first} is not a set of Go modules`;
  if (!(await goAtHand())) return 'there is no go to compile it with';
  say(`compiling etcd ${version}, once: some minutes`);
  const workshop = await mkdtemp(join(tmpdir(), 'provision-go-'));
  try {
    await writeFile(join(workshop, 'go.mod'), moduleText(version));
    for (const [program, path] of Object.entries(PROGRAMS)) {
      // Static, as the official releases are: it must run on every host of the lab.
      const env = { CGO_ENABLED: '0', GOWORK: 'off' };
      const args = ['-n', '10', 'go', 'build', '-mod=mod', '-trimpath', '-ldflags=-s -w'];
      const options = { cwd: workshop, env, deadline: 1800 };
      await must(
        `compile ${program} ${version}`,
        'nice',
        [...args, '-o', join(target, program), path],
        options,
      );
    }
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return undefined;
};

/** A module of our own that requires the three at one version: `go install` refuses modules with replace lines. */
export function moduleText(version: string): string {
  const required = Object.values(PROGRAMS).map((path) => `\t${path} v${version}\n`);
  return `module provision.lab/etcd\n\ngo 1.24\n\nrequire (\n${required.join('')})\n`;
}

async function goAtHand(): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'command -v go'])).exitCode === 0;
}
