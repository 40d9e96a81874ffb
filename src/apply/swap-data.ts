import type { RestorePlaces } from '../desired/restoring.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import type { ConfigurationFiles } from '../plan/backup-step.ts';
import { type Command, lines, sh } from '../shell/command.ts';

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
 * is not done again: as long as restored data lies ready, what is in place is the former. Throws a HostError.
 */
export async function swapData(host: Host, places: RestorePlaces, account: string): Promise<void> {
  const { data, restoredData, aside } = places;
  await must(
    host,
    'exchange the data',
    sh`set -eu; umask 077
[ -d ${restoredData} ] || exit 0
mkdir -p ${aside} ${data}
${emptyInto(data, aside)}
find ${restoredData} -mindepth 1 -maxdepth 1 -exec mv -t ${data} '{}' +
rmdir ${restoredData}
chown ${account}:${account} ${data}
chmod 700 ${data} ${aside}
sync ${data}`,
    MOVING,
  );
}

/**
 * Puts the former data and configuration back where they were; what was restored moves aside in its turn, for nothing is
 * deleted. May be repeated after it was killed anywhere. Throws a HostError.
 */
export async function putDataBack(
  host: Host,
  places: RestorePlaces,
  files: ConfigurationFiles,
): Promise<void> {
  const { data, restoredData, aside } = places;
  const restored = `${aside}.restored`;
  await must(
    host,
    'put the former data back',
    lines([
      sh`set -eu; umask 077
[ -d ${aside} ] || exit 0
# Only what the swap has put in place goes; it lay in staging before.
if [ ! -d ${restored} ]; then
  mkdir -p ${restored}.part ${data}
  if [ ! -d ${restoredData} ]; then
    ${emptyInto(data, `${restored}.part`)}
  fi
  mv -T ${restored}.part ${restored}
fi
find ${aside} -mindepth 1 -maxdepth 1 ! -name provision ! -name provision.part -exec mv -t ${data} '{}' +
if [ -d ${aside}/provision ]; then cd ${aside}/provision`,
      ...Object.entries(files).map(
        ([name, path]) => sh`  if [ -e ${name} ] || [ -L ${name} ]; then
    rm -f ${path}.provision-new; cp -Pp ${name} ${path}.provision-new; mv -fT ${path}.provision-new ${path}
  elif [ -f ${path} ]; then rm -f ${path}; fi`,
      ),
      sh`cd /; rm -rf ${aside}/provision
fi
rm -rf ${aside}/provision.part
rmdir ${aside}
rmdir ${restored} 2>/dev/null || true
systemctl daemon-reload
sync ${data}`,
    ]),
    MOVING,
  );
}

// A file system brings lost+found; on a mount point, what is being restored and what was moved aside stay where they are.
function emptyInto(directory: string, target: string): Command {
  return sh`find ${directory} -mindepth 1 -maxdepth 1 ! -name lost+found ! -name restoring ! -name 'aside-*' -exec mv -t ${target} '{}' +`;
}
