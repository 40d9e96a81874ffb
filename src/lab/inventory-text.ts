import { join } from 'node:path';
import { etcdPaths } from './etcd.ts';
import { labPaths } from './paths.ts';
import type { LabRecord } from './record.ts';

/** The inventory of a lab: YAML whose strings are JSON strings, which YAML reads alike. */
export function inventoryText(lab: LabRecord): string {
  const { directory, identity, knownHosts } = labPaths(lab.name);
  const members = lab.hosts.map(
    (host) => `  - { name: ${JSON.stringify(host.name)}, address: ${host.address} }\n`,
  );
  return `# Written by provision lab up; it goes when the lab goes.
cluster: ${JSON.stringify(lab.name)}
etcd:
  version: ${lab.etcd}
  source: { directory: ${JSON.stringify(etcdPaths(lab.etcd).programs)} }
ssh:
  user: root
  identityFile: ${JSON.stringify(identity)}
  knownHosts: ${JSON.stringify(knownHosts)}
pki:
  store: ${JSON.stringify(join(directory, `${lab.name}.pki`))}
members:
${members.join('')}`;
}
