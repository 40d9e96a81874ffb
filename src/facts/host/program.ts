import { askVersion, findAccount } from '../../binaries/ask-version.ts';
import { readVersion } from '../../binaries/version.ts';
import { type Command, sh } from '../../shell/command.ts';
import { sumOf } from '../../shell/sha256.ts';
import { type Fact, properties } from '../fact.ts';
import { showUnit } from './show-unit.ts';

/** A program file as it says of itself what it is. */
export interface ProgramFile {
  readonly path: string;
  /** What `--version` says; undefined where it did not run. */
  readonly version: string | undefined;
  /** The last line it said instead of a version, or what kept it from running. */
  readonly complaint: string | undefined;
}

export interface ProgramFact {
  /** Version of the program that runs, by its own file, also where that has been replaced or deleted since. */
  readonly running: string | undefined;
  /** Sha256 of the program that runs, where it is neither the loaded nor the installed file. */
  readonly runningSha256?: string | undefined;
  /** What the unit starts as systemd knows it, where it knows the unit. */
  readonly loaded: ProgramFile | undefined;
  /** The program in the directory of this version, where there is one. */
  readonly installed: ProgramFile | undefined;
  /** All of these are one file that its account may run, so that the process itself says best which version it is. */
  readonly isOne?: boolean;
}

const SECONDS = 10;

/**
 * The versions of what runs, of what would start next, and of what is to start next. The same file is run only once, and
 * unless it must be not at all where the three are one: a program costs its host more than all other questions.
 */
export const programFact = (
  unit: string,
  account: string,
  program: string,
  must = false,
): Fact<ProgramFact> => ({
  first: [showUnit(unit), findAccount(account)],
  ask: sh`${VERSION_FUNCTION}
loaded=
case $shown in *"{ path="*) loaded=\${shown#*"{ path="}; loaded=\${loaded%%" ; argv"*} ;; esac
installed= same= running=
while read -r id path; do
  [ "$path" != ${program} ] || installed=$id
  [ "$path" != "$loaded" ] || same=$id
  [ "$path" != "/proc/$pid/exe" ] || running=$id
done <<END
$(stat -L -c '%d:%i %n' ${program} \${loaded:+"$loaded"} "/proc/$pid/exe")
END
echo "loadedPath=$loaded"
if ${must ? sh`false` : sh`true`} && [ "$installed:$installed" = "$same:$running" ] && [ -n "$installed" ] &&
  setpriv --reuid=$uid --regid=$gid --clear-groups test -x ${program}; then echo one=yes; exit 0; fi
tell installed "$installed" ${program}
if [ -n "$same" ] && [ "$same" = "$installed" ]; then echo loadedSame=yes; else tell loaded "$same" "$loaded"; fi
[ "\${pid:-0}" -gt 0 ] || exit 0
if [ "$running" = "$installed" ]; then echo runningAs=installed
elif [ "$running" = "$same" ]; then echo runningAs=loaded
else
  exec 3< /proc/$pid/exe && tell running "$running" /proc/self/fd/3
  ${sumOf(sh`/proc/$pid/exe`)}
  echo "runningSum=$sum"
fi`,
  read({ stdout }) {
    const found = properties(stdout);
    const file = (name: string, path: string): ProgramFile | undefined =>
      found.has(`${name}Code`)
        ? { path, ...outcome(found.get(`${name}Code`), found.get(`${name}Said`)) }
        : undefined;
    const installed = file('installed', program);
    const path = found.get('loadedPath') ?? '';
    if (found.has('one')) {
      const unasked = { version: undefined, complaint: undefined };
      const files = { loaded: { path, ...unasked }, installed: { path: program, ...unasked } };
      return { running: undefined, ...files, isOne: true };
    }
    const loaded =
      found.get('loadedSame') === 'yes' && installed !== undefined
        ? { ...installed, path }
        : file('loaded', path);
    const as = found.get('runningAs');
    const running =
      as === 'installed' ? installed : as === 'loaded' ? loaded : file('running', 'running');
    const runningSha256 = found.get('runningSum') || undefined;
    return { running: running?.version, runningSha256, loaded, installed };
  },
});

/** The same where its process has said which version it is. */
export function ofVersion(found: ProgramFact, said: string): ProgramFact {
  const { loaded, installed } = found;
  const version = readVersion(`etcd Version: ${said}`);
  return {
    ...found,
    running: version,
    loaded: loaded && { ...loaded, version },
    installed: installed && { ...installed, version },
  };
}

const VERSION_FUNCTION: Command = sh`tell() {
  [ -n "$2" ] || return 0
  said=$(${askVersion(sh`"$3"`, SECONDS)})
  code=$?
  version=$(printf '%s\\n' "$said" | sed -n '/^etcd Version: /p')
  [ -n "$version" ] || version=$(printf '%s\\n' "$said" | grep -v ': Success$' | tail -n 1)
  echo "$1Code=$code"
  echo "$1Said=$version"
}`;

function outcome(code = '', said = ''): Omit<ProgramFile, 'path'> {
  const version = readVersion(said);
  if (version !== undefined) return { version, complaint: undefined };
  // A host that is too busy to say it says nothing of the program.
  if (code === '124') return { version, complaint: undefined };
  const line = said.replace(/^.*: line \d+: /, '').trim();
  return { version, complaint: line === '' ? `it ends with exit code ${code}` : line };
}
