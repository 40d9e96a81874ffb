import { knownHosts } from '../../src/check/cheap.ts';
import type { CheckedHost } from '../../src/check/checked-host.ts';
import type { HostEnvironment } from '../../src/check/surroundings.ts';
import type { DesiredCluster } from '../../src/desired/cluster.ts';
import { settled, wanted } from '../plan/facts.ts';

const GIB = 1024 ** 3;

export const SURROUNDINGS: HostEnvironment = {
  kernel: '6.1.0-32-amd64',
  swap: [],
  files: { perProcess: 1_048_576, open: 2000, most: 800_000 },
  isSynchronized: true,
  data: {
    directory: '/var/lib/etcd',
    mount: '/var/lib/etcd',
    source: '/dev/sdb1',
    type: 'xfs',
    options: ['rw', 'relatime'],
    freeBytes: 20 * GIB,
  },
  log: undefined,
  programs: {
    directory: '/opt/etcd',
    mount: '/',
    source: '/dev/sda1',
    type: 'ext4',
    options: ['rw'],
    freeBytes: 5 * GIB,
  },
  names: new Map(),
  firewalls: [],
  processes: [],
  units: ['etcd.service'],
  manifests: [],
  dropIns: [],
  variables: [],
  proxies: [],
};

/** The first of three members, in best order but for the changes. */
export function checked(
  changes: Partial<CheckedHost> = {},
  desired: DesiredCluster = wanted(),
): CheckedHost {
  const [known] = knownHosts(desired, settled(desired));
  if (known === undefined) throw new TypeError('no member');
  return {
    ...known,
    clock: { ahead: 0.004, doubt: 0.002 },
    surroundings: SURROUNDINGS,
    dials: ['etcd02', 'etcd03'].map((to, index) => ({
      to,
      address: `198.18.0.${12 + index}:2380`,
      outcome: 'reached' as const,
      isRight: true,
      milliseconds: 0.25 + index,
      complaint: '',
    })),
    writes: { writes: 100, median: 1.25, p99: 4.5 },
    namesElsewhere: new Map(),
    ...changes,
  };
}

/** The same with other surroundings. */
export function around(changes: Partial<HostEnvironment>): CheckedHost {
  return checked({ surroundings: { ...SURROUNDINGS, ...changes } });
}
