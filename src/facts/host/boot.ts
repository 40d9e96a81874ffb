import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

/** How a host came up, and what would keep it from coming up again as it is. */
export interface BootFact {
  /** Names this boot; another one after the next (random(4)). */
  readonly bootId: string;
  /** Seconds since its systemd began to run. */
  readonly age: number;
  /** Whether something asks for a reboot (`reboot-required` of Debian and its like). */
  readonly isRequired: boolean;
  /** Mount points below its data that nothing mounts at boot, or whose content a reboot ends, each with why. */
  readonly fleeting: readonly {
    readonly target: string;
    readonly why: 'by-hand' | 'tmpfs' | 'zfs';
  }[];
}

/** Where the kernel names the boot. */
export const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The mount of these paths may have been made by hand: systemd knows a unit without a file for it then, and of what ZFS mounts itself. */
export const bootFact = (paths: readonly string[]): Fact<BootFact> => ({
  ask: sh`read -r id < ${BOOT_ID}
read -r now _ < /proc/uptime
began=$(systemctl show --property=UserspaceTimestampMonotonic)
printf 'id=%s\\nnow=%s\\nbegan=%s\\n' "$id" "$now" "\${began#*=}"
[ ! -e /run/reboot-required ] && [ ! -e /var/run/reboot-required ] || echo required=yes
for path in ${[...new Set(paths)]}; do
  at=$(findmnt -n -o TARGET -T "$path") || continue
  [ "$at" != / ] || continue
  type=$(findmnt -n -o FSTYPE -T "$path")
  unit=$(systemd-escape -p --suffix=mount -- "$at")
  file=$(systemctl show "$unit" --property=FragmentPath)
  case $type in tmpfs | ramfs) echo "tmpfs $at"; continue ;; esac
  [ -z "\${file#*=}" ] || continue
  case $type in
    zfs) systemctl is-enabled --quiet zfs-mount.service 2>/dev/null || echo "zfs $at" ;;
    *) echo "by-hand $at" ;;
  esac
done`,
  read: ({ stdout }) => {
    const found = properties(stdout);
    const began = Number(found.get('began') ?? 0) / 1e6;
    const fleeting = [...new Set(stdout.split('\n'))].flatMap((line) => {
      const [, why, target = ''] = /^(by-hand|tmpfs|zfs) (.+)$/.exec(line) ?? [];
      return why === 'by-hand' || why === 'tmpfs' || why === 'zfs'
        ? [{ target, why } as const]
        : [];
    });
    return {
      bootId: found.get('id') ?? '',
      age: Number(found.get('now') ?? 0) - began,
      isRequired: found.get('required') === 'yes',
      fleeting,
    };
  },
});
