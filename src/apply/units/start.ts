import { dirname } from 'node:path';
import { emptyStartToken } from '../../desired/empty-start.ts';
import { type Command, sh } from '../../shell/command.ts';

/** Has systemd start the unit, without waiting for it; only an empty start may make a log. */
export function start(unit: string, isEmpty = false): Command {
  const token = emptyStartToken(unit);
  const allow = !isEmpty
    ? sh`rm -f ${token}`
    : sh`mkdir -p ${dirname(token)} && : > ${token} || exit`;
  return sh`systemctl reset-failed --quiet ${unit}.service 2>/dev/null
${allow}
systemctl start --no-block ${unit}.service`;
}
