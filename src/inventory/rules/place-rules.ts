import type { Mistake } from '../mistake.ts';
import { nameOf } from '../path.ts';
import type { Rule } from './rule.ts';

/** What the hosts' own parts are called; writing there would break more than etcd. */
const NOT_OURS = [
  /^\/(proc|sys|dev|run|tmp|boot)\//,
  /^\/var\/(run|lock|tmp)(\/|$)/,
  /^\/(usr|var|etc|home|root|lib|lib64|bin|sbin|opt|srv|mnt|media)$/,
  /^\/usr\/(bin|sbin|lib|lib64|libexec|share|include|local)$/,
  /^\/usr\/local\/(bin|sbin|lib|share|etc)$/,
  /^\/var\/(lib|log|cache|spool|backups|mail|opt)$/,
  /^\/var\/lib\/(systemd|dpkg|apt|rpm|dbus|kubelet|containerd|docker)(\/|$)/,
  /^\/etc\/(systemd|ssh|ssl|pki|default|init\.d|cron\.d|pam\.d|sudoers\.d|apt|security)(\/|$)/,
];

/** Whether the directory is one of the system's own, where nothing of etcd's may be put or chowned. */
export function isOfSystem(directory: string): boolean {
  return NOT_OURS.some((pattern) => pattern.test(directory));
}

/** What holds for where things are put on a host. */
export const PLACE_RULES: readonly Rule[] = [
  {
    name: 'ports differ',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      etcd.ports.client === etcd.ports.peer
        ? at(['etcd', 'ports', 'peer'], `${etcd.ports.peer} is the client port too`)
        : [],
  },
  {
    name: 'directories are for etcd alone',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      Object.entries(etcd.paths).flatMap(([key, path]) =>
        isOfSystem(path)
          ? at(
              ['etcd', 'paths', key],
              `${path} belongs to the system; name a directory for etcd alone`,
            )
          : [],
      ),
  },
  {
    // Wiping and restoring move the data directory aside, with all that is in it.
    name: 'directories do not lie in the data directory',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const { bin, conf, data } = etcd.paths;
      return [
        ...(`${bin}/`.startsWith(`${data}/`)
          ? at(['etcd', 'paths', 'bin'], `${bin} lies in the data directory ${data}`)
          : []),
        ...(`${conf}/`.startsWith(`${data}/`)
          ? at(['etcd', 'paths', 'conf'], `${conf} lies in the data directory ${data}`)
          : []),
        ...(bin === conf ? at(['etcd', 'paths', 'conf'], `${conf} is etcd.paths.bin too`) : []),
      ];
    },
  },
  {
    name: 'the unit can be no other service',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      etcd.unit.includes('etcd')
        ? []
        : at(
            ['etcd', 'unit'],
            `${etcd.unit} must contain etcd, so that no other service is overwritten`,
          ),
  },
  {
    name: 'etcd does not run as root',
    level: 'warning',
    check: ({ inventory: { etcd } }) =>
      etcd.user === 'root' ? at(['etcd', 'user'], 'is root; etcd needs no right of root') : [],
  },
];

function at(path: readonly string[], complaint: string): readonly Mistake[] {
  return [{ path, message: `${nameOf(path)} ${complaint}` }];
}
