import { sh } from '../../shell/command.ts';

/**
 * Has journald write what programs said until now: on a slow host their last words come after systemd's own line that they
 * ended (journalctl(1), `--sync`; 10 ms on an idle host). Its exit code says nothing.
 */
export const syncJournal = sh`timeout 5 journalctl --sync 2>/dev/null || :`;
