import { dirname } from 'node:path/posix';
import { HOLDS_LOG } from '../../facts/data/log-head.ts';
import { formerLog, LEFT_OVER, type LogMove, partialLog } from '../../plan/log-move.ts';
import { type Command, sh } from '../../shell/command.ts';

/** Sees, before the member is stopped, that its log can be moved. Nothing to be seen where it has been moved already. */
export function beforeMove({ from, to, isBegun }: LogMove): Command {
  return sh`${HOLDS_LOG}
if holds ${from}; then
  if holds ${to} && [ ${isBegun === true ? 'yes' : 'no'} = no ]; then echo ${`a log is in ${to} already: nothing was moved`} >&2; exit 1; fi
  size=$(du -sk ${from}); size=\${size%%[!0-9]*}
  room=$(set -- $(stat -f -c '%a %S' ${dirname(to)}); echo $(($1 * $2)))
  [ "$room" -ge $((size * 1024 + ${LEFT_OVER})) ] || { echo ${`the disk of ${to} has too little room for the log:`} "$((room / 1048576)) MiB are free" >&2; exit 1; }
fi`;
}

/**
 * Copies the log of a member that is stopped: it has its name there only once all of it is on the disk, and the former one
 * stays under another name, so that there is one log at any time that counts. May be repeated after it was killed anywhere.
 */
export function moveLog({ from, to }: LogMove): Command {
  const [part, former] = [partialLog(to), formerLog(from)];
  return sh`${HOLDS_LOG}
if holds ${from}; then
  # What an attempt left there is a copy of this one.
  [ ! -e ${to} ] || { rm -rf ${formerLog(to)} && mv -T ${to} ${formerLog(to)} || exit; }
  rm -rf ${part} && cp -a ${from} ${part} && sync -f ${part} || exit
  mv -T ${part} ${to} && sync ${dirname(to)} || exit
  rm -rf ${former} && mv -T ${from} ${former} && sync ${dirname(from)} || exit
fi`;
}
