import { askVersion, findAccount } from '../../binaries/ask-version.ts';
import { readVersion } from '../../binaries/version.ts';
import { type Command, sh } from '../../shell/command.ts';
import { sumOf } from '../../shell/sha256.ts';
import { type Fact, properties } from '../fact.ts';

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
}

const SECONDS = 10;

/**
 * The versions of what runs, of what would start next, and of what is to start next. The same file is run only once, so
 * where nothing was replaced this costs one `--version`.
 */
export const programFact = (unit: string, account: string, program: string): Fact<ProgramFact> => ({
  ask: sh`${versionFunction(account)}
shown=$(systemctl show ${unit}.service --property=MainPID,ExecStart)
pid=\${shown##*MainPID=}; pid=\${pid%%[!0-9]*}
loaded=
case $shown in *"{ path="*) loaded=\${shown#*"{ path="}; loaded=\${loaded%%" ; argv"*} ;; esac
of() { stat -L -c %d:%i "$1"; }
installed=$(of ${program})
tell installed "$installed" ${program}
same=; [ "$loaded" = "" ] || same=$(of "$loaded")
echo "loadedPath=$loaded"
if [ -n "$same" ] && [ "$same" = "$installed" ]; then echo loadedSame=yes; else tell loaded "$same" "$loaded"; fi
[ "\${pid:-0}" -gt 0 ] || exit 0
running=$(of /proc/$pid/exe)
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

function versionFunction(account: string): Command {
  return sh`${findAccount(account)}
tell() {
  [ -n "$2" ] || return 0
  said=$(${askVersion(sh`"$3"`, SECONDS)})
  code=$?
  version=$(printf '%s\\n' "$said" | sed -n '/^etcd Version: /p')
  [ -n "$version" ] || version=$(printf '%s\\n' "$said" | grep -v ': Success$' | tail -n 1)
  echo "$1Code=$code"
  echo "$1Said=$version"
}`;
}

function outcome(code = '', said = ''): Omit<ProgramFile, 'path'> {
  const version = readVersion(said);
  if (version !== undefined) return { version, complaint: undefined };
  // A host that is too busy to say it says nothing of the program.
  if (code === '124') return { version, complaint: undefined };
  const line = said.replace(/^.*: line \d+: /, '').trim();
  return { version, complaint: line === '' ? `it ends with exit code ${code}` : line };
}
