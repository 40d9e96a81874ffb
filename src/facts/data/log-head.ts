import { type Command, sh } from '../../shell/command.ts';

/** How many bytes of its beginning are read. */
export const LOG_HEAD = 8192;

/**
 * Sets `firstLog` to the earliest segment in a directory of a write-ahead log and `logHead` to its beginning in base64, once
 * for all who want to know of it; both to nothing where there is none.
 */
export function readLogHead(wal: string): Command {
  return sh`logHead= firstLog=
for firstLog in ${wal}/*.wal; do break; done
if [ -f "$firstLog" ]; then logHead=$(head -c ${LOG_HEAD} "$firstLog" | base64 -w 0); else firstLog=; fi`;
}
