import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { editedCopy, type FormerStep } from '../../plan/former-step.ts';
import { lines, sh } from '../../shell/command.ts';

/**
 * Copies files of somebody else to a directory of ours with mode, owner and time; what is ours by its first line is passed over,
 * so that what was kept before stays. `absent` lists what was not there, `note` how the member ran. Throws a HostError.
 */
export async function keepFormer(
  host: Host,
  {
    former: { unit, directory, paths },
    note,
    isRunning,
  }: Extract<FormerStep, { kind: 'keep-former' }>,
): Promise<void> {
  const said = Object.entries(note).map(([key, value]) => `${key}=${value}\n`);
  await must(
    host,
    `keep a copy of ${paths.join(', ')}`,
    sh`set -eu
umask 077
mkdir -p ${directory}
touch ${`${directory}/absent`}
for path in ${paths}; do
  kept=${directory}/files$path
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then
    [ -e "$kept" ] || [ -L "$kept" ] || grep -qxF -e "$path" ${`${directory}/absent`} || printf '%s\\n' "$path" >> ${`${directory}/absent`}
    continue
  fi
  if [ ! -L "$path" ] && head -n 1 -- "$path" | grep -q '^# provision: cluster '; then continue; fi
  mkdir -p "\${kept%/*}"
  rm -rf "$kept.part"
  cp -a -T "$path" "$kept.part"
  [ -L "$kept.part" ] || sync "$kept.part"
  mv -fT "$kept.part" "$kept"
  grep -vxF -e "$path" ${`${directory}/absent`} > ${`${directory}/absent.part`} || :
  mv -T ${`${directory}/absent.part`} ${`${directory}/absent`}
done
if [ ${isRunning ? 'yes' : 'no'} = yes ] || [ ! -e ${`${directory}/note`} ]; then
  {
    printf %s ${said.join('')}
    echo "enabled=$(systemctl is-enabled ${unit}.service)"
    [ ! -f ${note.executable} ] || sha256sum -- ${note.executable} | sed 's/^/sha256=/; s/ .*//'
  } > ${`${directory}/note.part`}
  mv -T ${`${directory}/note.part`} ${`${directory}/note`}
fi
sync ${directory}`,
  );
}

/**
 * Puts them back bit by bit; what was not there goes. What was never kept is left as it is, and of what a hand has changed a copy
 * stays. Throws a HostError.
 */
export async function putFormerBack(
  host: Host,
  { former: { unit, directory, paths }, edited }: Extract<FormerStep, { kind: 'put-former-back' }>,
): Promise<void> {
  const beside = edited.map(
    (path) => sh`[ ! -e ${path} ] || cp -a -T --backup=numbered ${path} ${editedCopy(path)}`,
  );
  await must(
    host,
    `put back ${paths.join(', ')}`,
    sh`set -eu
${lines(beside)}
enabled=$(sed -n 's/^enabled=//p' ${`${directory}/note`})
# While it is ours it says of which targets it is part.
case $enabled in enabled*) ;; *) systemctl disable --quiet ${unit}.service ;; esac
for path in ${paths}; do
  kept=${directory}/files$path
  if [ -e "$kept" ] || [ -L "$kept" ]; then
    mkdir -p "\${path%/*}"
    cp -a -T "$kept" "$path.provision-new"
    mv -fT "$path.provision-new" "$path"
  elif grep -qsxF -e "$path" ${`${directory}/absent`}; then
    rm -f "$path"
  fi
done
systemctl daemon-reload
case $enabled in enabled*) systemctl reenable --quiet ${unit}.service ;; esac`,
  );
}
