import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

export interface MachineFact {
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly systemd: number;
  /** The host's clock, seconds since 1970. */
  readonly clock: number;
  /** The unit that keeps its time; empty where none of the known ones runs. */
  readonly timeService?: string;
  readonly os: string;
  /** The lowest port that an account without rights may bind (ip(7)); undefined where the host does not tell. */
  readonly unprivilegedPorts?: number;
  /** Whether the account that is to run etcd exists. */
  readonly accountExists: boolean;
}

export const machineFact = (account: string): Fact<MachineFact> => ({
  ask: sh`. /etc/os-release
echo "architecture=$(uname -m)"
echo "clock=$(date +%s.%N)"
echo "os=$PRETTY_NAME"
services='systemd-timesyncd chrony chronyd ntp ntpd ntpsec openntpd'
set -- $services
for state in $(systemctl is-active $services); do [ "$state" != active ] || { service=$1; break; }; shift; done
echo "timeService=$service"
echo "systemd=$(systemctl --version | head -n 1)"
# Such a file gives its text to one read of enough bytes, and the read of a shell takes one byte at a time.
echo "ports=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null)"
getent passwd ${account} >/dev/null && echo account=yes`,
  read({ stdout }) {
    const found = properties(stdout);
    const ports = found.get('ports') ?? '';
    const timeService = found.get('timeService');
    return {
      architecture: found.get('architecture') ?? 'unknown',
      systemd: Number(/\d+/.exec(found.get('systemd') ?? '')?.[0] ?? 0),
      clock: Number(found.get('clock') ?? 0),
      ...(timeService !== undefined && { timeService }),
      ...(ports !== '' && { unprivilegedPorts: Number(ports) }),
      os: found.get('os') ?? 'unknown',
      accountExists: found.get('account') === 'yes',
    };
  },
});
