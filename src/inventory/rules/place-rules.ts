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
        path !== undefined && isOfSystem(path)
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
    // It is given to the account as a whole, moved aside as a whole, and purged.
    name: 'the log has a directory of its own',
    level: 'error',
    check: ({ inventory: { etcd, snapshots } }) => {
      const { bin, conf, data, wal, walDirectory } = etcd.paths;
      const key = walDirectory === undefined ? 'wal' : 'walDirectory';
      const own = walDirectory ?? wal;
      if (own === undefined) return [];
      // One of others may be in the data, beside what etcd has there: it goes with that.
      const isInside = walDirectory?.startsWith(`${data}/`) && walDirectory !== `${data}/member`;
      const others = [
        ...(isInside ? [] : [['etcd.paths.data', data] as const]),
        ['etcd.paths.conf', conf],
        ['etcd.paths.bin', bin],
        ['snapshots.hostDirectory', snapshots.hostDirectory],
      ] as const;
      return others.flatMap(([other, path]) => {
        const how = relationOf(own, path);
        return how === undefined
          ? []
          : at(
              ['etcd', 'paths', key],
              `${own} ${how} ${path} (${other}); name a directory beside it, for the log alone`,
            );
      });
    },
  },
  {
    name: 'the log has one place',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const { wal, walDirectory } = etcd.paths;
      return wal === undefined || walDirectory === undefined
        ? []
        : at(
            ['etcd', 'paths', 'walDirectory'],
            `${walDirectory} is the directory of the log itself, and etcd.paths.wal ${wal} one around it; leave one of them out`,
          );
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
    name: 'etcd runs as an account of its own',
    level: 'warning',
    check: ({ inventory: { etcd } }) => {
      const why = SHARED_ACCOUNTS.get(etcd.user);
      return why === undefined ? [] : at(['etcd', 'user'], `is ${etcd.user}; ${why}`);
    },
  },
];

/** Accounts that are not etcd's alone. */
const SHARED_ACCOUNTS: ReadonlyMap<string, string> = new Map([
  ['root', 'etcd needs no right of root'],
  ['nobody', 'other services run as that account too, and could read all keys and data'],
]);

/** How a directory lies to another one, where neither may hold the other or what is kept beside it. */
function relationOf(directory: string, other: string): string | undefined {
  if (directory === other) return 'is';
  if (`${directory}/`.startsWith(`${other}/`)) return 'lies in';
  if (`${other}/`.startsWith(`${directory}/`)) return 'holds';
  // A restore works there, and moves there what was.
  const isBeside = [directory, other].some((one, index, [first = '', second = '']) =>
    [`${one}.restoring`, `${one}.aside-`].some((taken) =>
      (index === 0 ? second : first).startsWith(taken),
    ),
  );
  return isBeside ? 'has the name of what is kept beside' : undefined;
}

function at(path: readonly string[], complaint: string): readonly Mistake[] {
  return [{ path, message: `${nameOf(path)} ${complaint}` }];
}
