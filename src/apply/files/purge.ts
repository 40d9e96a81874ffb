import { CRON_FILES, UNIT_FILES } from '../../facts/host/tenants.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { HOST_LOCK, LOCK_DIRECTORY } from '../../host/host-lock.ts';
import type { HostPurge } from '../../plan/ownership/host-purge.ts';
import { type Command, lines, sh } from '../../shell/command.ts';

const MINUTES = 60;

/**
 * Removes what a purge removes on a host. What several clusters share goes under the host's own lock, and only if by then
 * nobody names it and no other run works there. Says which paths stay for that reason. Throws a HostError.
 */
export async function purgeHost(
  host: Host,
  { cluster, bin, timers, remove, pki, programs, ownLinks, ifEmpty }: HostPurge,
): Promise<void> {
  const { stdout } = await must(
    host,
    'purge',
    lines([
      sh`set -eu`,
      // They would go on asking an etcd that does not run any more; the snapshots stay.
      ...timers.map(
        (timer) => sh`systemctl disable --quiet --now ${timer} 2>/dev/null || true
systemctl reset-failed --quiet ${timer.replace('.timer', '.service')} 2>/dev/null || true`,
      ),
      // A mount point stays; what is in it goes, but for what the file system brought.
      ...remove.map(
        (path) =>
          sh`if mountpoint -q ${path}; then find ${path} -mindepth 1 -maxdepth 1 ! -name lost+found ! -name 'aside-*' -exec rm -rf '{}' +; else rm -rf ${path}; fi`,
      ),
      // The directories behind the link, each named after what is in it.
      ...(pki === undefined ? [] : [sh`rm -rf ${pki} ${pki}.[0-9a-f]* ${pki}.former`]),
      sh`systemctl daemon-reload`,
      ...(programs.length === 0 ? [] : [removeUnused(cluster, bin, programs, ownLinks)]),
      sh`rmdir ${ifEmpty} 2>/dev/null || true`,
    ]),
    { deadline: 5 * MINUTES },
  );
  for (const line of keptLines(host.name, stdout)) console.error(line);
}

/** What is told of paths that stay, by what `removeUnused` said: `kept PATH<tab>USER USER`. */
export function keptLines(host: string, stdout: string): readonly string[] {
  return stdout.split('\n').flatMap((line) => {
    const [, path, users = ''] = /^kept ([^\t]+)\t(.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    const why = whyKept(users.trim());
    return [`${host}: ${path} stays: ${why}, run the same command again to remove it`];
  });
}

function whyKept(users: string): string {
  const run = /^run (.*)$/.exec(users)?.[1];
  if (run !== undefined) return `${run} works there now; when that has ended`;
  const named = users.split(/\s+/).filter((one) => one !== '');
  if (named.length === 0) return 'it was in use a moment ago, by a process that has ended since';
  return named.length === 1
    ? `${named[0]} uses it; when it no longer does`
    : `${named.join(', ')} use it; when they no longer do`;
}

/** Removes programs and links to them that no unit, drop-in, process, link or table of cron names. */
export function removeUnused(
  cluster: string,
  bin: string,
  paths: readonly string[],
  ownLinks: readonly string[],
): Command {
  return lines([
    sh`kept() { for path in ${paths}; do [ ! -e "$path" ] && [ ! -L "$path" ] || printf 'kept %s\\trun %s\\n' "$path" "$1"; done; exit 0; }
others() {
  for lock in ${LOCK_DIRECTORY}/*.lock; do
    case $lock in ${`${LOCK_DIRECTORY}/${cluster}.lock`} | *'*'*) continue ;; esac
    flock -n -s "$lock" true || { name=\${lock##*/}; printf '%sa run on cluster %s' "\${sep:-}" "\${name%.lock}"; sep=' and '; }
  done
}
mkdir -p ${LOCK_DIRECTORY}
exec 8>>${HOST_LOCK}
flock -w ${MINUTES} 8 || { who=$(others); kept "\${who:-another run of provision}"; }
who=$(others)
[ -z "$who" ] || kept "$who"
users() {
  systemctl show '*.service' --property=Id --property=ExecStart --property=ExecStartPre --property=Environment | awk -v RS= -v pattern="$1" '$0 ~ pattern' | sed -n 's/^Id=//p'
  for file in $(grep -lsE "$1" ${UNIT_FILES} ${CRON_FILES}); do
    case $file in *.service.d/*) file=\${file%.d/*} ;; esac
    case $file in *.service) echo "\${file##*/}" ;; *) echo "$file" ;; esac
  done
  for one in /proc/[0-9]*; do
    readlink $one/exe 2>/dev/null | grep -qE "$1" || continue
    unit=$(sed -n 's|.*/\\([^/]*[.]service\\)$|\\1|p' $one/cgroup | tail -n 1)
    echo "\${unit:-$one}"
  done
}
said=$(systemctl show '*.service' --property=ExecStart --property=ExecStartPre --property=Environment; cat ${UNIT_FILES} ${CRON_FILES} 2>/dev/null || true; ls -l /proc/[0-9]*/exe 2>/dev/null || true)`,
    ...paths.map((path) => {
      const notOwn = ownLinks.reduce((all, link) => sh`${all} ! -path ${link}`, sh``);
      const pattern = `${path.replaceAll('.', '[.]')}([^A-Za-z0-9._-]|$)`;
      return sh`if [ ! -e ${path} ] && [ ! -L ${path} ]; then :; elif printf '%s\\n' "$said" | grep -qE ${pattern} || [ -n "$(find ${bin} -maxdepth 1 -type l ${notOwn} -lname ${path} 2>/dev/null)" ]; then printf 'kept %s\\t%s\\n' ${path} "$({ users ${pattern}; find ${bin} -maxdepth 1 -type l ${notOwn} -lname ${path}; } 2>/dev/null | sort -u | tr '\\n' ' ')"; else rm -rf ${path}; fi`;
    }),
  ]);
}
