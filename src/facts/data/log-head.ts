import { type Command, sh } from '../../shell/command.ts';
import { type DataSearch, findData } from './data-place.ts';

/** How many bytes of its beginning are read. */
export const LOG_HEAD = 8192;

/** Defines `holds DIRECTORY` of a shell: whether a segment of a log is there. */
export const HOLDS_LOG: Command = sh`holds() { for one in "$1"/*.wal; do [ ! -f "$one" ] || return 0; done; return 1; }`;

/** Where a member's log may be. */
export interface LogSearch extends Partial<DataSearch> {
  /** Where the inventory has it. */
  readonly wal: string;
  /** The note of a move that was begun. */
  readonly logMove?: string;
}

/**
 * Sets `wal` to the directory that holds a member's log, `firstLog` to the earliest segment there and `logHead` to its
 * beginning in base64, once for all who want to know of it; both to nothing where there is none; and `data` to where the
 * data is. A process has its log where it was told to; behind one that does not run the log may lie where it was until a
 * change of the inventory. Where nothing but `wal` is given, nothing else is looked at.
 */
export function readLogHead(places: LogSearch): Command {
  const { wal, data, logMove = '' } = places;
  const search =
    data === undefined ? sh`wal=${wal}` : searchLog(wal, { ...NOWHERE, ...places, data }, logMove);
  return sh`${search}
logHead= firstLog=
for firstLog in "$wal"/*.wal; do break; done
if [ -f "$firstLog" ]; then logHead=$(head -c ${LOG_HEAD} "$firstLog" | base64 -w 0); else firstLog=; fi`;
}

const NOWHERE = { cluster: '', unitFile: '', confFile: '', dataMove: '' };

function searchLog(wal: string, places: DataSearch, logMove: string): Command {
  const { data, confFile } = places;
  // In the data it goes with that.
  const expected = wal.startsWith(`${data}/`)
    ? sh`wal=$data${wal.slice(data.length)}`
    : sh`wal=${wal}`;
  return sh`${HOLDS_LOG}
${findData(places)}
${expected}
if [ -n "$at" ] && [ "$at" = "$data" ]; then wal=\${told:-$at/member/wal}
else
  noted= meant= said=
  if [ -f ${logMove} ]; then
    noted=$(sed -n 's|^from=\\(/.*\\)|\\1|p' ${logMove})
    meant=$(sed -n 's|^to=\\(/.*\\)|\\1|p' ${logMove})
  fi
  # It was to be moved behind the data.
  case $noted in ${`${data}/`}*) noted=$data\${noted#${data}} ;; esac
  [ ! -f ${confFile} ] || said=$(sed -n 's|^ETCD_WAL_DIR="\\(/.*\\)"$|\\1|p' ${confFile})
  holds "$wal" || for other in "$noted" "$said" "$data"/member/wal; do
    case $other in /*) if holds "$other"; then wal=$other; break; fi ;; esac
  done
  # Of a copy and what it was copied from, what was used since counts.
  [ -n "$at" ] || for other in "$noted" "$meant"; do
    case $other in "$wal" | '') ;; *) if isLater "$other" "$wal"; then wal=$other; fi ;; esac
  done
fi`;
}
