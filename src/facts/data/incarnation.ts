import { type Incarnation, type LogPlaces, readIncarnation } from '../../desired/incarnation.ts';
import { isDamaged } from '../../etcd/wal.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

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

/** The record of a member's log held against the log; undefined where there is no record. */
export const incarnationFact = ({
  wal,
  incarnation,
}: LogPlaces): Fact<IncarnationFact | undefined> => ({
  ask: sh`[ -f ${incarnation} ] || exit 1
said=$(head -c 4096 ${incarnation})
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
$said
END
set -- ${wal}/*.wal; [ ! -f "$1" ] || echo "earliest=\${1##*/}"
[ -n "$segment" ] && [ -n "$length" ] && [ -f ${wal}/"$segment" ] || exit 0
now=$(head -c "$length" ${wal}/"$segment" | sha256sum); now=\${now%% *}
echo "now=$now"
[ "$sum" = "$now" ] || echo "other=$(head -c "$length" ${wal}/"$segment" | base64 -w 0)"`,
  read({ exitCode, stdout }) {
    if (exitCode === 1 && stdout === '') return undefined;
    const record = readIncarnation(stdout);
    if (record === undefined) return undefined;
    const found = properties(stdout);
    const other = found.get('other');
    return {
      ...{ record, earliest: found.get('earliest'), sha256: found.get('now') },
      ...(other !== undefined && isDamaged(Buffer.from(other, 'base64')) && { isDamaged: true }),
    };
  },
});
