import { findAccount } from '../../binaries/ask-version.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { NOW } from './clock.ts';

export interface MachineFact {
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly systemd: number;
  /** The host's clock, seconds since 1970. */
  readonly clock: number;
  /** The unit that keeps its time; empty where none of the known ones runs. */
  readonly timeService?: string;
  readonly os: string;
  /** Its CPUs, as the kernel lists them: `0-3,6`; missing where it does not. */
  readonly cpus?: string;
  /** The lowest port that an account without rights may bind (ip(7)); undefined where the host does not tell. */
  readonly unprivilegedPorts?: number;
  /** Whether the account that is to run etcd exists. */
  readonly accountExists: boolean;
}

// A service that runs has a group of processes, which tells it without a question to systemd.
const TIME_SERVICE = sh`set -- systemd-timesyncd chrony chronyd ntp ntpd ntpsec openntpd
service= groups=
for group in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  [ -d $group/system.slice ] || continue
  groups=yes
  for one; do [ -n "$service" ] || [ ! -d $group/system.slice/$one.service ] || service=$one; done
done
[ -n "$groups" ] || for state in $(systemctl is-active "$@"); do [ "$state" != active ] || { service=$1; break; }; shift; done
echo "timeService=$service"`;

export const machineFact = (account: string): Fact<MachineFact> => ({
  first: [findAccount(account), NOW],
  ask: sh`. /etc/os-release
echo "clock=$now"
echo "os=$PRETTY_NAME"
${TIME_SERVICE}
# Its library bears its version too, which costs no program.
set -- /usr/lib/systemd/libsystemd-shared-*.so /usr/lib/*-linux-gnu*/systemd/libsystemd-shared-*.so
said=
for one; do [ ! -e "$one" ] || said="$said systemd \${one##*-shared-}"; done
case $said in *systemd*systemd* | '') said=$(systemctl --version) ;; esac
echo "systemd=\${said%%${'\n'}*}"
# Such a file gives its text to one read of enough bytes, and the read of a shell takes one byte at a time.
set -- $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/arch 2>/dev/null)
case $1 in *[!0-9]*) set -- '' "$@" ;; esac
echo "ports=$1"
# Linux 6.1 and later say it there.
echo "architecture=\${2:-$(uname -m)}"
cpus=
[ ! -e /sys/devices/system/cpu/online ] || IFS= read -r cpus < /sys/devices/system/cpu/online
echo "cpus=$cpus"
[ -z "$entry" ] || echo account=yes`,
  read({ stdout }) {
    const found = properties(stdout);
    const ports = found.get('ports') ?? '';
    const timeService = found.get('timeService');
    const cpus = found.get('cpus') ?? '';
    return {
      architecture: found.get('architecture') ?? 'unknown',
      systemd: Number(/\d+/.exec(found.get('systemd') ?? '')?.[0] ?? 0),
      clock: Number(found.get('clock') ?? 0),
      ...(timeService !== undefined && { timeService }),
      ...(ports !== '' && { unprivilegedPorts: Number(ports) }),
      ...(cpus !== '' && { cpus }),
      os: found.get('os') ?? 'unknown',
      accountExists: found.get('account') === 'yes',
    };
  },
});
