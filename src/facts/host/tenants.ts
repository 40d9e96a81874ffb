import type { DesiredPaths } from '../../desired/cluster.ts';
import { readWalOwner, type WalOwner } from '../../etcd/wal.ts';
import { type Command, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** What runs etcd on a host, or would at its next start, made by us or not. */
export interface TenantsFact {
  /** Unit files and their drop-ins that speak of etcd. */
  readonly unitFiles: readonly TextFact[];
  /** The same units as systemd has them loaded: its properties, one a line. */
  readonly loaded: readonly string[];
  readonly processes: readonly EtcdProcessFact[];
  /** Configuration files that these units name, without what no owner is told by. */
  readonly confs: readonly TextFact[];
  /** Whose log lies in a data or log directory that any of them names. */
  readonly logs: ReadonlyMap<string, WalOwner | undefined>;
  /** Scripts and tables of cron that units or cron run: the lines that speak of etcd. */
  readonly scripts: readonly TextFact[];
  /** Links in the directory of programs, by name, and their targets. */
  readonly links: ReadonlyMap<string, string>;
  /** Paths of ours and theirs that lead elsewhere, with their links resolved. */
  readonly real: ReadonlyMap<string, string>;
}

export interface TextFact {
  readonly path: string;
  readonly text: string;
}

/** A process whose program is an etcd. */
export interface EtcdProcessFact {
  readonly pid: number;
  /** The program, links resolved. */
  readonly executable: string;
  /** The unit by its control group, with its ending; undefined where it belongs to none. */
  readonly unit: string | undefined;
  /** The ETCD_* variables it was given. */
  readonly environment: ReadonlyMap<string, string>;
  /** Its arguments, without the program. */
  readonly args: readonly string[];
}

/** Unit files and drop-ins, as words of a shell. */
export const UNIT_FILES: Command = sh`/etc/systemd/system/*.service /etc/systemd/system/*.service.d/*.conf /run/systemd/system/*.service /run/systemd/system/*.service.d/*.conf /run/systemd/transient/*.service /usr/local/lib/systemd/system/*.service /usr/local/lib/systemd/system/*.service.d/*.conf /lib/systemd/system/*.service /lib/systemd/system/*.service.d/*.conf`;
/** Where cron finds what to run, as words of a shell. */
export const CRON_FILES: Command = sh`/etc/crontab /etc/cron.*/* /var/spool/cron/* /var/spool/cron/crontabs/*`;

const OWNER_LINES = [
  '# provision: ',
  '[[:space:]]*(export +)?ETCD_(NAME|DATA_DIR|WAL_DIR|CONFIG_FILE|[A-Z_]+_FILE|[A-Z_]+_URLS|INITIAL_CLUSTER[A-Z_]*)=',
  '(name|data-dir|wal-dir|initial-[a-z-]+|[a-z-]+-urls|(peer-)?(cert|key|trusted-ca)-file|[[:space:]]+(cert|key|trusted-ca)-file): ',
].join('|');

type Ours = Pick<DesiredPaths, 'bin' | 'conf' | 'pki' | 'data' | 'snapshots'>;

/**
 * Asks who runs etcd on a host: unit files with drop-ins, loaded units, processes, and what these name. Lines of files
 * are indented, so that none of them passes for an answer.
 */
export const tenantsFact = ({ bin, conf, pki, data, snapshots }: Ours): Fact<TenantsFact> => ({
  ask: sh`files=
for file in $(grep -lse etcd ${UNIT_FILES}); do
  # An alias is the other unit, which is met by its own name.
  if [ -L "$file" ]; then case $(readlink "$file") in */"\${file##*/}") ;; *) continue ;; esac; fi
  files="$files $file"
  echo "file $file"
  head -c 16384 "$file" | sed 's/^/ /'; echo
done
confs=$(sed -n -e 's/^EnvironmentFile=-\\{0,1\\}//p' -e 's/^Exec.*--config-file[= ]\\([^ ]*\\).*/\\1/p' $files /dev/null | grep ^/ | sort -u)
said=$(ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's|^.* /proc/\\([0-9]*\\)/exe -> \\(.*/etcd[^/]*\\)$|\\1 \\2|p' | while read -r pid exe; do
  case $exe in */etcdctl*|*/etcdutl*) continue ;; esac
  echo "process $pid $exe"
  tail -n 1 /proc/$pid/cgroup | sed 's/^/ cgroup=/'
  tr '\\0' '\\n' < /proc/$pid/environ | sed -n 's/^ETCD_/ &/p'
  tr '\\0' '\\n' < /proc/$pid/cmdline | sed 's/^/ arg=/'
done
for conf in $confs; do
  [ -f "$conf" ] || continue
  echo "conf $conf"
  grep -E ${`^(${OWNER_LINES})`} "$conf" | sed 's/^/ /'
done)
printf '%s\\n' "$said"
units=$(for file in $files; do case $file in *.service.d/*) file=\${file%.d/*} ;; esac; echo "\${file##*/}"; done
  printf '%s\\n' "$said" | sed -n 's|^ cgroup=.*/\\([^/]*[.]service\\)$|\\1|p')
units=$(printf '%s\\n' "$units" | grep -v '@[.]service$' | sort -u)
[ -z "$units" ] || systemctl show $units --property=Id,ActiveState,MainPID,ExecStart | sed -e 's/^$/unit/' -e 's/^[A-Z]/ &/' -e '1s/^/unit\\n/'
directories=$(printf '%s\\n' "$said" | sed -n -e 's/^ *\\(export \\)\\{0,1\\}ETCD_\\(DATA\\|WAL\\)_DIR=//p' -e 's/^ arg=--\\{0,1\\}\\(data\\|wal\\)-dir=//p' -e '/^ arg=--\\{0,1\\}\\(data\\|wal\\)-dir$/{n;s/^ arg=//p;}' -e 's/^ *\\(data\\|wal\\)-dir: *//p' | tr -d ${`"'`} | grep ^/ | sort -u)
for directory in $directories; do
  for log in "$directory"/member/wal/*.wal "$directory"/*.wal; do
    [ -f "$log" ] || continue
    echo "log $directory $(head -c 512 "$log" | base64 -w 0)"; break
  done
done
{ find $(grep -hse '^Exec' $files /dev/null | tr ' =' '\\n\\n' | grep ^/ | sort -u) /dev/null -maxdepth 0 -type f -size -64k; grep -lse ${`${bin}/`} ${CRON_FILES}; } 2>/dev/null | sort -u | while read -r script; do
  echo "script $script"
  grep -e etcd -e '^# provision' "$script" | head -n 60 | cut -c 1-400 | sed 's/^/ /'
done
find ${bin} -maxdepth 1 -type l -printf 'link %f %l\\n'
for path in ${[conf, pki, data, bin, snapshots]} $directories $(for conf in $confs; do echo "\${conf%/*}"; done | sort -u); do
  real=$(readlink -m "$path"); [ "$real" = "$path" ] || echo "real $path $real"
done`,
  read: ({ stdout }) => readTenants(stdout),
});

/** What a host said of who runs etcd there. */
export function readTenants(stdout: string): TenantsFact {
  const blocks = stdout.split(/\n(?=[a-z])/).map((block) => {
    const [first = '', ...rest] = block.trimEnd().split('\n');
    const [kind = '', name = '', more = ''] = first.split(' ');
    return { kind, name, more, body: rest.map((line) => line.replace(/^ /, '')) };
  });
  const of = (kind: string) => blocks.filter((block) => block.kind === kind);
  const texts = (kind: string) =>
    of(kind).map(({ name, body }) => ({ path: name, text: body.join('\n') }));
  return {
    unitFiles: texts('file'),
    loaded: of('unit').map(({ body }) => body.join('\n')),
    processes: of('process')
      .flatMap(({ name, more, body }) => readProcess(name, more, body) ?? [])
      .filter(serves),
    confs: texts('conf'),
    logs: new Map(
      of('log').map(({ name, more }) => [name, readWalOwner(Buffer.from(more, 'base64'))]),
    ),
    scripts: texts('script'),
    links: new Map(of('link').map(({ name, more }) => [name, more])),
    real: new Map(of('real').map(({ name, more }) => [name, more])),
  };
}

/** A program that only says what it is, as when its version is asked, is nobody's member. */
function serves({ args }: EtcdProcessFact): boolean {
  return args.join() !== '--version';
}

/** Undefined of a process that ended while it was looked at: the kernel knows no program name of it any more. */
function readProcess(
  pid: string,
  executable: string,
  body: readonly string[],
): EtcdProcessFact | undefined {
  const values = (prefix: string) =>
    body.flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length)] : []));
  const words = values('arg=');
  if (words.length === 0) return undefined;
  const unit = /([^/]+\.service)$/.exec(values('cgroup=')[0] ?? '')?.[1];
  const environment = body.flatMap((line) => {
    const match = /^(ETCD_[A-Z0-9_]+)=(.*)$/.exec(line);
    return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
  });
  return {
    pid: Number(pid),
    executable,
    unit,
    environment: new Map(environment),
    args: words.slice(1),
  };
}
