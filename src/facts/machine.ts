import { sh } from '../shell/command.ts';
import { type Fact, properties } from './fact.ts';

export interface MachineFact {
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly systemd: number;
  /** The host's clock, seconds since 1970. */
  readonly clock: number;
  readonly os: string;
  /** Whether the account that is to run etcd exists. */
  readonly accountExists: boolean;
}

export const machineFact = (account: string): Fact<MachineFact> => ({
  ask: sh`. /etc/os-release
echo "architecture=$(uname -m)"
echo "clock=$(date +%s.%N)"
echo "os=$PRETTY_NAME"
echo "systemd=$(systemctl --version | head -n 1)"
getent passwd ${account} >/dev/null && echo account=yes`,
  read({ stdout }) {
    const found = properties(stdout);
    return {
      architecture: found.get('architecture') ?? 'unknown',
      systemd: Number(/\d+/.exec(found.get('systemd') ?? '')?.[0] ?? 0),
      clock: Number(found.get('clock') ?? 0),
      os: found.get('os') ?? 'unknown',
      accountExists: found.get('account') === 'yes',
    };
  },
});
