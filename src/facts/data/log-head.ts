import { type Command, sh } from '../../shell/command.ts';

/** How many bytes of its beginning are read. */
export const LOG_HEAD = 8192;

/** Defines `holds DIRECTORY` of a shell: whether a segment of a log is there. */
export const HOLDS_LOG: Command = sh`holds() { for one in "$1"/*.wal; do [ ! -f "$one" ] || return 0; done; return 1; }`;

/** Where a member's log may be. */
export interface LogSearch {
  /** Where the inventory has it. */
  readonly wal: string;
  /** Its data, and what else tells where its log has been; missing where nothing but `wal` is to be looked at. */
  readonly data?: string;
  readonly confFile?: string;
  readonly logMove?: string;
}

/**
 * Sets `wal` to the directory that holds a member's log, `firstLog` to the earliest segment there and `logHead` to its
 * beginning in base64, once for all who want to know of it; both to nothing where there is none. A process has its log where
 * it was told to; behind one that does not run the log may lie where it was until a change of the inventory.
 */
export function readLogHead({ wal, data, confFile = '', logMove = '' }: LogSearch): Command {
  const search =
    data === undefined
      ? sh`:`
      : sh`at= told=
while IFS= read -r line; do
  case $line in ETCD_DATA_DIR=*) at=\${line#*=} ;; ETCD_WAL_DIR=*) told=\${line#*=} ;; esac
done <<END
$environ
END
${HOLDS_LOG}
if [ "$at" = ${data} ]; then wal=\${told:-$at/member/wal}
elif ! holds "$wal"; then
  noted= said=
  [ ! -f ${logMove} ] || noted=$(sed -n 's|^from=\\(/.*\\)|\\1|p' ${logMove})
  [ ! -f ${confFile} ] || said=$(sed -n 's|^ETCD_WAL_DIR="\\(/.*\\)"$|\\1|p' ${confFile})
  for other in "$noted" "$said" ${data}/member/wal; do
    case $other in /*) if holds "$other"; then wal=$other; break; fi ;; esac
  done
fi`;
  return sh`wal=${wal}
${search}
logHead= firstLog=
for firstLog in "$wal"/*.wal; do break; done
if [ -f "$firstLog" ]; then logHead=$(head -c ${LOG_HEAD} "$firstLog" | base64 -w 0); else firstLog=; fi`;
}
