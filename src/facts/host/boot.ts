import { type Command, sh } from '../../shell/command.ts';
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
  /** The unit through which this session came in, where nothing starts it at boot, with what systemd says of it. */
  readonly closedLogin: { readonly unit: string; readonly state: string } | undefined;
}

/** Where the kernel names the boot. */
export const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * Asks for the unit of the process from which the session descends, which is the listener of sshd, whatever a distribution
 * calls it; of a process for each connection it is the socket. Nothing is said where it cannot be told, or comes up at boot:
 * by a link of its own or of its socket, or because something that comes up wants it.
 */
const ASK_LOGIN: Command = sh`top=$$ login=
while parent=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$top/status) && [ "\${parent:-0}" -gt 1 ]; do top=$parent; done
while IFS= read -r line; do
  case $line in */*.service) login=\${line##*/} ;; esac
done < /proc/$top/cgroup
[ -n "$login" ] || login=$(systemctl list-units --type=socket --state=active --plain --no-legend 'ssh*.socket' 'dropbear*.socket' | sed -n '1s/ .*//p')
sockets=
[ -z "$login" ] || sockets=$(systemctl show "$login" --property=TriggeredBy)
sockets=\${sockets#*=}
case $login in *@*) login=\${sockets%% *} ;; esac
closed=
for unit in $login $sockets; do
  state=$(systemctl is-enabled "$unit" 2>/dev/null)
  case $state in
    enabled | alias) closed=; break ;;
    static | indirect | generated | disabled | linked)
      if systemctl list-dependencies --reverse --all --plain "$unit" | grep -q '^[[:space:]]*default[.]target$'; then closed=; break; fi ;;
  esac
  [ -n "$closed" ] || closed="$unit \${state:-unknown}"
done
[ -z "$closed" ] || echo "closed $closed"`;

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
done
${ASK_LOGIN}`,
  read: ({ stdout }) => {
    const found = properties(stdout);
    const began = Number(found.get('began') ?? 0) / 1e6;
    const fleeting = [...new Set(stdout.split('\n'))].flatMap((line) => {
      const [, why, target = ''] = /^(by-hand|tmpfs|zfs) (.+)$/.exec(line) ?? [];
      return why === 'by-hand' || why === 'tmpfs' || why === 'zfs'
        ? [{ target, why } as const]
        : [];
    });
    const [, unit, state] = /^closed (\S+) (\S+)$/m.exec(stdout) ?? [];
    return {
      bootId: found.get('id') ?? '',
      age: Number(found.get('now') ?? 0) - began,
      isRequired: found.get('required') === 'yes',
      fleeting,
      closedLogin: unit === undefined || state === undefined ? undefined : { unit, state },
    };
  },
});
