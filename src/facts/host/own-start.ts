import type { DesiredCluster } from '../../desired/cluster.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, NOTHING, properties } from '../fact.ts';
import { READ_PROCESSES, showUnit } from './show-unit.ts';

/** What beside its flags and variables decides what a process of somebody else runs with. */
export interface OwnStartFact {
  /** Where paths begin that are not absolute. */
  readonly directory: string;
  /** The text of the YAML file that it names; undefined where it names none, or none that can be read. */
  readonly configText: string | undefined;
}

const LONGEST = 262_144;

/** Asked only where somebody else's process may run; undefined where none does. */
export const ownStartFact = ({
  unit,
  adoptedId,
}: Pick<DesiredCluster, 'unit' | 'adoptedId'>): Fact<OwnStartFact | undefined> =>
  adoptedId === undefined
    ? { ask: NOTHING, read: () => undefined }
    : {
        first: [showUnit(unit), READ_PROCESSES],
        ask: sh`[ "$pid" -gt 0 ] || exit 0
directory=$(readlink /proc/$pid/cwd)
echo "directory=$directory"
file= before=
while IFS= read -r line; do
  case $line in ETCD_CONFIG_FILE=?*) file=\${line#*=} ;; esac
done <<END
$environ
END
while IFS= read -r line; do
  case $before in --config-file | -config-file) file=$line ;; esac
  case $line in --config-file=?* | -config-file=?*) file=\${line#*=} ;; esac
  before=$line
done <<END
$words
END
case $file in '') exit 0 ;; /*) ;; *) file=$directory/$file ;; esac
[ ! -f "$file" ] || printf 'config=%s\\n' "$(head -c ${LONGEST} "$file" | base64 -w 0)"`,
        read({ stdout }) {
          const found = properties(stdout);
          const directory = found.get('directory');
          const text = found.get('config');
          if (directory === undefined) return undefined;
          return {
            directory,
            configText: text === undefined ? undefined : Buffer.from(text, 'base64').toString(),
          };
        },
      };
