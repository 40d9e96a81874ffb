import type { RestorePlaces } from '../../desired/restoring.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { ConfigurationFiles } from '../../plan/backup-step.ts';
import { type Command, lines, sh } from '../../shell/command.ts';

const MOVING = { deadline: 300 } as const;

/**
 * Copies what says how the member runs to where its former data goes, once: a run that is repeated finds the new files in
 * place already. Throws a HostError.
 */
export async function keepConfiguration(
  host: Host,
  { aside }: RestorePlaces,
  { conf, unit, current, pki }: ConfigurationFiles,
): Promise<void> {
  const kept = `${aside}/provision`;
  await must(
    host,
    `keep the configuration in ${kept}`,
    sh`set -eu; umask 077
[ ! -e ${kept} ] || exit 0
rm -rf ${kept}.part; mkdir -p ${kept}.part; cd ${kept}.part
[ ! -f ${conf} ] || cp -p ${conf} conf
[ ! -f ${unit} ] || cp -p ${unit} unit
[ ! -L ${current} ] || cp -P ${current} current
[ ! -L ${pki} ] || cp -P ${pki} pki
sync ${aside}
mv -T ${kept}.part ${kept}
sync ${aside}`,
  );
}

/**
 * Moves the former data aside and the restored data in its place, by renaming only. What was done by a run that was killed
 * is not done again: as long as something restored lies ready, what is in place is the former. A log with a directory of its
 * own goes first and comes last: without a log no member starts. Throws a HostError.
 */
export async function swapData(host: Host, places: RestorePlaces, account: string): Promise<void> {
  const { data, restoredData, aside, log } = places;
  const directories = [data, ...(log === undefined ? [] : [log.home])];
  await must(
    host,
    'exchange the data',
    lines([
      sh`set -eu; umask 077`,
      FUNCTIONS,
      sh`[ -d ${log?.restored ?? restoredData} ] || exit 0`,
      ...(log === undefined
        ? []
        : [sh`if filled ${log.restored}; then put_aside ${log.home} ${log.aside}; fi`]),
      sh`if [ -d ${restoredData} ]; then
  if filled ${restoredData}; then
    put_aside ${data} ${aside}
    put_in ${restoredData} ${data}
  fi
  rmdir ${restoredData}
fi`,
      ...(log === undefined
        ? []
        : [
            sh`sync ${data}
put_in ${log.restored} ${log.home}
rmdir ${log.restored}`,
          ]),
      sh`chown ${account}:${account} ${directories}
chmod 700 ${directories}
for one in ${[aside, ...(log === undefined ? [] : [log.aside])]}; do [ ! -d "$one" ] || chmod 700 "$one"; done
sync ${directories}`,
    ]),
    MOVING,
  );
}

/**
 * Puts the former data and configuration back where they were; what was restored moves aside in its turn, for nothing is
 * deleted. May be repeated after it was killed anywhere. `isRestored` tells by the log in place whether the restored data
 * is there: then the former must lie aside. Throws a HostError.
 */
export async function putDataBack(
  host: Host,
  places: RestorePlaces,
  files: ConfigurationFiles,
  isRestored: boolean,
): Promise<void> {
  const { data, aside, log } = places;
  await must(
    host,
    'put the former data back',
    lines([
      sh`set -eu; umask 077`,
      FUNCTIONS,
      isRestored
        ? sh`[ -d ${aside} ] || say ${`the former data is not in ${aside}, and restored data is in ${data}: nothing was moved`}`
        : sh`[ -d ${aside} ] || exit 0`,
      sh`[ -d ${data} ] || { mkdir -p ${data}; [ ! -d ${aside}/member ] || chown --reference=${aside}/member ${data}; }
together ${data} ${aside}`,
      ...(isRestored
        ? [
            // First: without a log no member starts.
            ...(log === undefined ? [] : [clearRestored(log.home, log.aside)]),
            clearRestored(data, aside),
          ]
        : []),
      sh`put_back ${aside} ${data}`,
      ...(log === undefined
        ? []
        : [
            sh`sync ${data}
if [ -d ${log.aside} ]; then
  [ -d ${log.home} ] || { mkdir -p ${log.home}; chown --reference=${data} ${log.home}; }
  together ${log.home} ${log.aside}
  put_back ${log.aside} ${log.home}
  rmdir ${log.aside}
  sync ${log.home}
fi`,
          ]),
      sh`if [ -d ${aside}/provision ]; then cd ${aside}/provision`,
      ...Object.entries(files).map(
        ([name, path]) => sh`  if exists ${name}; then
    rm -rf ${path}.provision-new; cp -Pp ${name} ${path}.provision-new
    [ ! -d ${path} ] || [ -L ${path} ] || { free ${path}.found; mv -T ${path} "$free"; }
    mv -fT ${path}.provision-new ${path}
  elif [ -f ${path} ]; then rm -f ${path}; fi`,
      ),
      sh`cd /
# A copy that is deleted in part would be taken for one of a member that had no such file.
rm -rf ${aside}/provision.part; mv -T ${aside}/provision ${aside}/provision.part
fi
rm -rf ${aside}/provision.part
rmdir ${aside}
systemctl daemon-reload
sync ${data}`,
    ]),
    MOVING,
  );
}

/** What was restored goes to a name of its own. */
function clearRestored(directory: string, aside: string): Command {
  return sh`if [ -d ${directory} ]; then
  free ${aside}.restored; target=$free
  for one in ${directory}/* ${directory}/.[!.]*; do ! entry "$one" || clear "$one" "$target"; done
fi`;
}

// Directories are renamed onto free names only: a name that is taken would nest them, or fail half-way.
const FUNCTIONS: Command = sh`say() { echo "$1" >&2; exit 1; }
exists() { [ -e "$1" ] || [ -L "$1" ]; }
filled() { for one in "$1"/* "$1"/.[!.]*; do ! exists "$one" || return 0; done; return 1; }
free() { free=$1 turn=1; while exists "$free"; do turn=$((turn + 1)); free=$1-$turn; done; }
# A file system brings lost+found; on a mount point, what is being restored and what was moved aside stay where they are.
entry() { case \${1##*/} in lost+found | restoring | aside-*) return 1 ;; esac; exists "$1"; }
clear() { rmdir "$1" 2>/dev/null || { mkdir -p "$2"; free "$2/\${1##*/}"; mv -T "$1" "$free"; }; }
# The former data went first: what has taken its name since, or is in its place when it comes back, is not it.
put_aside() {
  mkdir -p "$2" "$1"
  together "$1" "$2"
  for one in "$1"/* "$1"/.[!.]*; do
    entry "$one" || continue
    if exists "$2/\${one##*/}"; then clear "$one" "$2.found"; else mv -T "$one" "$2/\${one##*/}"; fi
  done
}
put_in() { for one in "$1"/* "$1"/.[!.]*; do ! exists "$one" || mv -T "$one" "$2/\${one##*/}"; done; }
put_back() {
  # The last segments of a log first: with the first ones alone it would look whole.
  from=$1 to=$2; set --
  for one in "$from"/* "$from"/.[!.]*; do set -- "$one" "$@"; done
  for one in "$@"; do
    exists "$one" || continue
    case \${one##*/} in provision | provision.part) continue ;; esac
    ! exists "$to/\${one##*/}" || clear "$to/\${one##*/}" "$from.found"
    mv -T "$one" "$to/\${one##*/}"
  done
}
# Between file systems mv copies, and a copy that was cut short looks like data.
together() {
  [ "$(stat -c %d "$1/.")" = "$(stat -c %d "$2/.")" ] || say "$1 and $2 are on different file systems, so nothing was moved: make $1 a mount point or a plain directory"
}`;
