import { dirname } from 'node:path';
import { emptyStartToken } from '../../desired/empty-start.ts';
import { type Command, sh } from '../../shell/command.ts';

/** Seconds for which a member that had a log is waited for by its job: most are ready by then, and no look is quicker. */
const SOON = 2;

/** Has systemd start the unit, without waiting for it; only an empty start may make a log. */
export function start(unit: string, isEmpty = false): Command {
  return sh`${allowed(unit, isEmpty)}
systemctl start --no-block ${unit}.service`;
}

/** The same, and waits for a moment until it is ready or has failed; which of them it says nothing about. */
export function startAndWait(unit: string, isEmpty = false): Command {
  return sh`${allowed(unit, isEmpty)}
timeout ${SOON} systemctl start ${unit}.service 2>/dev/null || :`;
}

function allowed(unit: string, isEmpty: boolean): Command {
  const token = emptyStartToken(unit);
  const allow = !isEmpty
    ? sh`rm -f ${token}`
    : sh`mkdir -p ${dirname(token)} && : > ${token} || exit`;
  return sh`systemctl reset-failed --quiet ${unit}.service 2>/dev/null
${allow}`;
}
