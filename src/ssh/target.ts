import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { HostSsh, Ssh } from '../inventory/ssh-schema.ts';

/** A machine of the inventory with everything the inventory says about reaching it. */
export interface Target {
  readonly name: string;
  /** Where sshd answers. */
  readonly address: string;
  readonly ssh: Omit<HostSsh, 'host'>;
}

/** The machine as a target: its own `ssh` keys win over the inventory's, paths become absolute. */
export function targetOf(
  inventoryDirectory: string,
  ssh: Ssh,
  machine: { readonly name: string; readonly address: string; readonly ssh?: HostSsh },
): Target {
  const { host, ...own } = machine.ssh ?? {};
  const { identityFile, knownHosts, ...rest } = { ...ssh, ...own };
  return {
    name: machine.name,
    address: host ?? machine.address,
    ssh: {
      ...rest,
      ...(identityFile && { identityFile: absolute(inventoryDirectory, identityFile) }),
      ...(knownHosts && { knownHosts: absolute(inventoryDirectory, knownHosts) }),
    },
  };
}

function absolute(directory: string, path: string): string {
  return /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(directory, path);
}
