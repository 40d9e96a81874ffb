import { homedir } from 'node:os';
import { join } from 'node:path';

// Not below XDG_CACHE_HOME: inventories/lab.yaml is committed and names these places by ~.
/** Where everything of the lab lives. */
export const labHome = (): string => join(homedir(), '.cache', 'provision');

export interface LabPaths {
  readonly directory: string;
  readonly record: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  readonly inventory: string;
  readonly disks: string;
}

/** The files of the lab with this name. */
export function labPaths(name: string): LabPaths {
  const directory = join(labHome(), 'lab', name);
  const inside = (file: string) => join(directory, file);
  return {
    directory,
    record: inside('lab.json'),
    identity: inside('id_ed25519'),
    knownHosts: inside('known_hosts'),
    sshConfig: inside('ssh_config'),
    inventory: inside('inventory.yaml'),
    disks: inside('hosts'),
  };
}

export interface DiskPaths {
  readonly directory: string;
  /** What the host wrote, over the base. */
  readonly upper: string;
  readonly work: string;
  /** The mounted root file system. */
  readonly root: string;
  /** What the host's console printed since its disk was made. */
  readonly console: string;
}

/** The disk of one host of a lab. */
export function diskPaths(lab: string, host: string): DiskPaths {
  const directory = join(labPaths(lab).disks, host);
  const inside = (file: string) => join(directory, file);
  return {
    directory,
    upper: inside('upper'),
    work: inside('work'),
    root: inside('root'),
    console: inside('console.log'),
  };
}
