import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { ensureEtcd } from '../../../src/lab/etcd.ts';
import type { Built } from './built.ts';
import type { ForeignCluster } from './cluster.ts';

/** The words that reach hosts of a lab. */
export function rootWords({ lab }: Pick<Built, 'lab'>): readonly string[] {
  const { identity, knownHosts } = lab.paths;
  return ['--ssh-user', 'root', '--identity', identity, '--known-hosts', knownHosts];
}

/** Adopts a cluster as a person would and gives the path of the inventory; reached by these words at this port, else as root. */
export async function adopted(
  t: ExecutionContext,
  { lab, site }: Pick<Built, 'lab' | 'site'>,
  { members, ca, version }: Pick<ForeignCluster, 'members' | 'ca' | 'version'>,
  reach = rootWords({ lab }),
  port = 22,
): Promise<string> {
  const [first] = members;
  const inventory = join(site.directory, `${first?.unit}.yaml`);
  const adopt = await lab.provision([
    ...['adopt', `${first?.host.address}:${port}`, '--out', inventory],
    ...['--unit', first?.unit ?? ''],
    ...reach,
    ...(ca === undefined ? [] : ['--ca-key', ca.key]),
  ]);
  t.is(adopt.exitCode, 0, adopt.stdout + adopt.stderr);
  t.log(adopt.stdout);
  // Nothing is fetched from anywhere in tests.
  const { directory } = await ensureEtcd(version, t.log);
  const text = await readFile(inventory, 'utf8');
  const source = `  version: ${version}\n  source: { directory: ${directory} }`;
  await writeFile(inventory, text.replace(`  version: ${version}`, source));
  return inventory;
}
