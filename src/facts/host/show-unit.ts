import { type Command, sh } from '../../shell/command.ts';

const PROPERTIES = [
  ...['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload', 'MainPID'],
  ...['NRestarts', 'Result', 'AssertResult', 'AssertTimestamp', 'ExecMainStartTimestamp'],
  ...['Id', 'ExecStart', 'FragmentPath'],
].join(',');

/**
 * Asks systemd once for all who want to know of a unit: `shown` is what it says, `pid` its main process or 0, `born` when the
 * kernel started that, nothing where it has ended. `birth PID` sets `birth` to the same of any process.
 */
export function showUnit(unit: string): Command {
  // `show` answers for unknown units too, so an absent unit is a fact, not an error.
  return sh`birth() {
  birth=
  IFS= read -r birth < /proc/$1/stat || return 0
  birth=\${birth##*) }
  case $birth in [ZX]*) birth=; return ;; esac
  set -- $birth
  birth=\${20}
}
shown=$(systemctl show ${unit}.service --property=${PROPERTIES})
pid=\${shown#*MainPID=}; pid=\${pid%%[!0-9]*}
birth "$pid"; born=$birth`;
}
