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
# Its times are read where they are wanted, so it says them in the zone that is known everywhere.
shown=$(TZ=UTC0 systemctl show ${unit}.service --property=${PROPERTIES})
pid=\${shown#*MainPID=}; pid=\${pid%%[!0-9]*}
birth "$pid"; born=$birth`;
}

/**
 * Reads of the main process, once for all who want to know of it, what it was started with, and finds each process of an
 * etcd. For behind `showUnit`: `environ` and `words` are its variables and its command line, one a line, `starting` is set
 * while it is systemd's own, and `processes` has a line for each: path below /proc, account, its number, program.
 */
export const READ_PROCESSES: Command = sh`environ= words= starting=
if [ "$pid" -gt 0 ]; then
  # Until it runs its program it is systemd's own, as root and with other variables: its name stands in brackets then.
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    IFS= read -r starting < /proc/$pid/comm || break
    case $starting in '('*) sleep 0.1 ;; *) break ;; esac
  done
  case $starting in '('*) ;; *) starting= ;; esac
  environ=$(tr '\\0' '\\n' < /proc/$pid/environ)
  words=$(tr '\\n\\0' ' \\n' < /proc/$pid/cmdline)
fi
processes=$(find /proc/[0-9]*/exe /proc/$pid -maxdepth 0 \\( -lname '*/etcd*' -o -path "/proc/$pid" -o -path "/proc/$pid/exe" \\) -printf ${'%p|%u|%U|%l\n'})`;
