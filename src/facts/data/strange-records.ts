import type { DesiredCluster } from '../../desired/cluster.ts';
import { readIncarnation } from '../../desired/incarnation.ts';
import { formerIntentPath, intentPath } from '../../desired/restoring.ts';
import { PLAIN_FILE, WHAT_STANDS } from '../../host/what-stands.ts';
import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';
import { readRecord } from './incarnation.ts';
import { readIntent } from './unfinished-intent.ts';

/** Something that stands in the place of a record of this program and is not one. */
export interface StrangeRecord {
  readonly path: string;
  /** What is kept there. */
  readonly of: 'restore' | 'log';
  /** What stands there, as in "it is …". */
  readonly is: string;
}

type Ours = Pick<DesiredCluster, 'name' | 'unit' | 'paths'>;

/** What stands in the places of the records of a restore and of a member's log, and cannot be read as such. */
export function strangeRecordsFact(cluster: Ours): Fact<readonly StrangeRecord[]> {
  const { incarnation } = cluster.paths;
  const records = [
    { path: intentPath(cluster), of: 'restore' },
    { path: formerIntentPath(cluster), of: 'restore' },
    { path: incarnation, of: 'log' },
  ] as const;
  return {
    first: [readRecord(incarnation)],
    ask: lines(
      records.map(
        ({ path, of }) => sh`one=${path}
${WHAT_STANDS}
if [ "$what" = ${PLAIN_FILE} ]; then
  ${of === 'log' ? RECORD_AS_LINES : sh`said=`}
  if [ -n "$said" ]; then what="lines $said"; else what="file $(head -c 65536 "$one" | base64 -w 0)"; fi
fi
printf '%s\\n' "$what"`,
      ),
    ),
    read: ({ stdout }) => {
      const said = stdout.split('\n');
      return records.flatMap(({ path, of }, at): readonly StrangeRecord[] => {
        const is = strangeness(said[at] ?? '', of === 'log' ? isLog : isRestore);
        return is === undefined ? [] : [{ path, of, is }];
      });
    },
  };
}

const DAMAGED = 'not such a record, or a damaged one';
/** Sets `said` to the lines of the record with bars between, where it has nothing odd: that costs no program. */
const RECORD_AS_LINES = sh`case $record in
    *[!${'\n'}a-zA-Z0-9=.,:#\\ -]*) said= ;;
    *) set -f; IFS=${'\n'}; set -- $record; IFS='|'; said=$*; IFS=' ' ;;
  esac`;

function strangeness(said: string, isRecord: (content: string) => boolean): string | undefined {
  if (said === '') return undefined;
  if (said.startsWith('lines ')) {
    const record = said.slice('lines '.length).replaceAll('|', '\n');
    return isRecord(record) ? undefined : DAMAGED;
  }
  if (!said.startsWith('file')) return said;
  const content = Buffer.from(said.slice('file '.length), 'base64').toString();
  if (content === '') return 'empty';
  return isRecord(content) ? undefined : DAMAGED;
}

function isLog(content: string): boolean {
  return readIncarnation(content) !== undefined;
}

function isRestore(content: string): boolean {
  return readIntent(content) !== undefined;
}
