import { type Command, sh } from '../../shell/command.ts';
import { IS_LATER } from './later.ts';

/** Where the data of a member may be. */
export interface DataSearch {
  /** The cluster whose files are believed. */
  readonly cluster: string;
  /** Where the inventory has it. */
  readonly data: string;
  readonly unitFile: string;
  readonly confFile: string;
  /** The note of a move that was begun. */
  readonly dataMove: string;
}

/**
 * Sets `data` to the directory that holds a member's data, `at` and `told` to what its process was given for data and log.
 * A process has it where it was told to; one that does not run has it where it was until a change of the inventory, by the
 * note of a move first, then by its unit. Where that was cut off between two names of a copy, both are there: what was used
 * since counts. Of another cluster's process and files nothing is believed. For behind `READ_PROCESSES`.
 */
export function findData({ cluster, data, unitFile, confFile, dataMove }: DataSearch): Command {
  return sh`${IS_LATER}
at= told= data=${data}
while IFS= read -r line; do
  case $line in ETCD_DATA_DIR=*) at=\${line#*=} ;; ETCD_WAL_DIR=*) told=\${line#*=} ;; esac
done <<END
$environ
END
case $at in ?*/) while [ "$at" != "\${at%/}" ]; do at=\${at%/}; done ;; esac
case $told in ?*/) while [ "$told" != "\${told%/}" ]; do told=\${told%/}; done ;; esac
if [ "$at" != ${data} ]; then
  mine() {
    [ -f "$1" ] && IFS= read -r line < "$1" || return 1
    case $line in ${`# provision: cluster ${cluster}, member `}*) ;; *) return 1 ;; esac
  }
  from= to= said=
  if [ -n "$at" ]; then
    if mine ${unitFile} || mine ${confFile}; then case $at in /*) data=$at ;; esac; fi
  else
    if mine ${dataMove}; then
      from=$(sed -n 's|^from=\\(/.*\\)/member$|\\1|p' ${dataMove})
      to=$(sed -n 's|^to=\\(/.*\\)/member$|\\1|p' ${dataMove})
    fi
    if mine ${unitFile}; then said=$(sed -n 's|^RequiresMountsFor=\\(/[^ ]*\\).*|\\1|p' ${unitFile})
    elif mine ${confFile}; then said=$(sed -n 's|^ETCD_DATA_DIR="\\(/.*\\)"$|\\1|p' ${confFile})
    fi
    for other in "$from" "$to" "$said"; do
      case $other in /*) if [ -d "$other"/member ]; then data=$other; break; fi ;; esac
    done
    if [ -n "$from" ] && [ "$data" = "$from" ] && [ -n "$to" ] && isLater "$to"/member "$from"/member; then data=$to; fi
  fi
fi`;
}
