import { createHash } from 'node:crypto';
import { type Incarnation, readIncarnation } from '../../desired/incarnation.ts';
import { isDamaged } from '../../etcd/wal.ts';
import { type Command, sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { LOG_HEAD, type LogSearch, readLogHead } from './log-head.ts';

/** Where the parts of a record are found. */
export interface LogPlaces extends LogSearch {
  readonly incarnation: string;
}

/** Which log a member was recorded to have, and what is there of it now. */
export interface IncarnationFact {
  readonly record: Incarnation;
  /** Name of the earliest segment there is. */
  readonly earliest: string | undefined;
  /** What the recorded segment begins with now; undefined where it is gone. */
  readonly sha256: string | undefined;
  /** What is there instead does not fit its own checksums. */
  readonly isDamaged?: boolean;
}

/** Sets `record` to what stands in the record of a member's log, once for all who want to know of it. */
export function readRecord(incarnation: string): Command {
  return sh`record=
[ ! -f ${incarnation} ] || record=$(head -c 65536 ${incarnation})`;
}

/** The record of a member's log held against the log; undefined where there is no record. */
export const incarnationFact = (places: LogPlaces): Fact<IncarnationFact | undefined> => ({
  first: [readLogHead(places), readRecord(places.incarnation)],
  ask: sh`[ -f ${places.incarnation} ] || exit 1
segment= length= sum=
while IFS='=' read -r key value; do
  case $value in '' | *[!0-9a-z.-]*) continue ;; esac
  case $key in
    memberId | clusterId) ;;
    segment) case \${value%.wal} in "$value" | *[!0-9a-f-]*) ;; *) segment=\${segment:-$value} ;; esac ;;
    length) case $value in *[!0-9]*) ;; *) length=\${length:-$value} ;; esac ;;
    sha256) sum=$value ;;
    *) continue ;;
  esac
  echo "$key=$value"
done <<END
$record
END
set -- "$wal"/*.wal; [ ! -f "$1" ] || echo "earliest=\${1##*/}"
[ -n "$segment" ] && [ -n "$length" ] && [ -f "$wal"/"$segment" ] || exit 0
if [ "$firstLog" = "$wal"/"$segment" ] && [ "$length" -le ${LOG_HEAD} ]; then
  printf "head=%.$(((length + 2) / 3 * 4))s\\n" "$logHead"
  exit 0
fi
now=$(head -c "$length" "$wal"/"$segment" | sha256sum); now=\${now%% *}
echo "now=$now"
[ "$sum" = "$now" ] || echo "other=$(head -c "$length" "$wal"/"$segment" | base64 -w 0)"`,
  read({ exitCode, stdout }) {
    if (exitCode === 1 && stdout === '') return undefined;
    const record = readIncarnation(stdout);
    if (record === undefined) return undefined;
    const found = properties(stdout);
    const { sha256, other } = nowThere(record, found);
    return {
      ...{ record, earliest: found.get('earliest'), sha256 },
      ...(other !== undefined && isDamaged(other) && { isDamaged: true }),
    };
  },
});

/** What the recorded segment begins with now, where it is another beginning. */
function nowThere({ length, sha256 }: Incarnation, found: ReadonlyMap<string, string>) {
  const head = found.get('head');
  if (head === undefined) {
    const other = found.get('other');
    return {
      sha256: found.get('now'),
      other: other === undefined ? undefined : Buffer.from(other, 'base64'),
    };
  }
  const bytes = Buffer.from(head, 'base64').subarray(0, length);
  const now = createHash('sha256').update(bytes).digest('hex');
  return { sha256: now, other: now === sha256 ? undefined : bytes };
}
