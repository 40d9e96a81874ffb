import type { DesiredPaths } from '../../desired/cluster.ts';
import { readWalOwner, type WalOwner } from '../../etcd/wal.ts';
import { type Command, sh } from '../../shell/command.ts';
import { type LogSearch, readLogHead } from '../data/log-head.ts';
import type { Fact } from '../fact.ts';
import { READ_PROCESSES, showUnit } from './show-unit.ts';

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

/** The unit, with its ending, that a unit file or a drop-in is of. */
export function unitOf(path: string): string {
  const file = path.includes('.service.d/') ? path.slice(0, path.lastIndexOf('.d/')) : path;
  return file.slice(file.lastIndexOf('/') + 1);
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

/** `list NAME WORD` adds a word to a list once, `path NAME WORD` where it is an absolute path, `directory LINE` what the line sets. */
const LISTS = sh`files= units= confs= programs= directories= scripts= beside=
usual=$IFS
list() {
  case $1:$2 in units:*@.service | *:) return ;; esac
  eval "all=\\$$1"
  case " $all " in *" $2 "*) ;; *) eval "$1=\\"\\$all \\$2\\"" ;; esac
}
path() { case $2 in /*) list "$1" "$2" ;; esac; }
directory() {
  set -- "\${1#"\${1%%[! ]*}"}"
  set -- "\${1#export }"
  case $1 in
    ETCD_DATA_DIR=* | ETCD_WAL_DIR=*) set -- "\${1#*=}" ;;
    data-dir:* | wal-dir:*) set -- "\${1#*:}"; set -- "\${1#"\${1%%[! ]*}"}" ;;
    *) return ;;
  esac
  while :; do case $1 in *[\\"\\']*) set -- "\${1%%[\\"\\']*}\${1#*[\\"\\']}" ;; *) break ;; esac; done
  path directories "$1"
}`;

type Ours = Pick<DesiredPaths, 'bin' | 'conf' | 'pki' | 'data' | 'wal' | 'walHome' | 'snapshots'> &
  LogSearch;

/** Whether what names programs below this path is found by a search for etcd. */
const speaksOfEtcd = (bin: string) => bin.includes('etcd');

/**
 * Asks who runs etcd on a host: unit files with drop-ins, loaded units, processes, and what these name. Lines of files
 * are indented, so that none of them passes for an answer.
 */
export const tenantsFact = (paths: Ours, unit: string): Fact<TenantsFact> => {
  const { bin, conf, pki, data, walHome, snapshots } = paths;
  return {
    first: [showUnit(unit), READ_PROCESSES, readLogHead(paths)],
    ask: sh`${LISTS}
crons=${speaksOfEtcd(bin) ? '' : CRON_FILES.text}
for file in $(grep -lse etcd ${UNIT_FILES} ${speaksOfEtcd(bin) ? CRON_FILES : []}); do
  case $file in /etc/cron*/* | /etc/crontab | /var/spool/cron/*) crons="$crons $file"; continue ;; esac
  # An alias is the other unit, which is met by its own name.
  if [ -L "$file" ]; then case $(readlink "$file") in */"\${file##*/}") ;; *) continue ;; esac; fi
  files="$files $file"
  case $file in *.service.d/*) file=\${file%.d/*} ;; esac
  list units "\${file##*/}"
done
# GNU sed says each file's name above it, where no line of a file can stand.
text=
[ -z "$files" ] || text=$(sed -s -e 1F -e '401,\${/^EnvironmentFile=/!{/^Exec/!d}}' -e 's/^/ /' $files)
[ -z "$text" ] || printf 'files\\n%s\\n\\n' "$text"
while IFS= read -r line; do
  value=\${line#*=}
  case $line in
    ' EnvironmentFile='*) path confs "\${value#-}" ;;
    ' Exec'*)
      case $line in *--config-file[=\\ ]/*) file=\${line##*--config-file?}; path confs "\${file%% *}" ;; esac
      set -f; IFS=' ='
      for word in $value; do path programs "$word"; done
      set +f; IFS=$usual ;;
  esac
done <<END
$text
END
while IFS= read -r line; do
  case $line in /proc/*/exe'|'*) ;; *) continue ;; esac
  exe=\${line#*|*|*|}
  case \${exe##*/} in etcdctl* | etcdutl*) continue ;; etcd*) ;; *) continue ;; esac
  one=\${line%%/exe|*}; one=\${one##*/}
  group=
  while IFS= read -r line; do group=$line; done < /proc/$one/cgroup
  # Of one that ends meanwhile, as in a crash loop, nobody would know any more whose it was.
  [ -e /proc/$one/exe ] || continue
  printf 'process %s %s\\n' "$one" "$exe"
  [ -z "$group" ] || printf ' cgroup=%s\\n' "$group"
  case $group in */*.service) list units "\${group##*/}" ;; esac
  given=$environ said=$words
  if [ "$one" != "$pid" ]; then
    given=$(tr '\\0' '\\n' < /proc/$one/environ)
    said=$(tr '\\n\\0' ' \\n' < /proc/$one/cmdline)
  fi
  while IFS= read -r line; do
    case $line in ETCD_*) printf ' %s\\n' "$line"; directory "$line" ;; esac
  done <<END
$given
END
  before=
  [ -z "$said" ] || while IFS= read -r line; do
    printf ' arg=%s\\n' "$line"
    case $before in --data-dir | -data-dir | --wal-dir | -wal-dir) path directories "$line" ;; esac
    case $line in --data-dir=* | -data-dir=* | --wal-dir=* | -wal-dir=*) path directories "\${line#*=}" ;; esac
    before=$line
  done <<END
$said
END
done <<END
$processes
END
for conf in $confs; do
  [ -f "$conf" ] || continue
  echo "conf $conf"
  said=$(grep -E ${`^(${OWNER_LINES})`} "$conf")
  [ -z "$said" ] || while IFS= read -r line; do
    printf ' %s\\n' "$line"
    directory "$line"
  done <<END
$said
END
done
others=
for one in $units; do
  if [ "$one" != ${`${unit}.service`} ]; then others="$others $one"; continue; fi
  echo unit
  while IFS= read -r line; do
    case $line in Id=* | ActiveState=* | MainPID=* | ExecStart=*) printf ' %s\\n' "$line" ;; esac
  done <<END
$shown
END
done
[ -z "$others" ] || systemctl show $others --property=Id,ActiveState,MainPID,ExecStart | sed -e 's/^$/unit/' -e 's/^[A-Z]/ &/' -e '1s/^/unit\\n/'
for directory in $directories; do
  for log in "$directory"/member/wal/*.wal "$directory"/*.wal; do
    [ -f "$log" ] || continue
    head=$logHead; [ "$log" = "$firstLog" ] || head=$(head -c 512 "$log" | base64 -w 0)
    echo "log $directory $head"; break
  done
done
while read -r kind depth one; do
  case $kind$depth in
    l1) echo "link $one" ;;
    f0) list scripts "$one" ;;
  esac
done <<END
$(find ${`${bin}/`} $programs -maxdepth 1 -type d ! -path ${`${bin}/`} -prune -o -type l -printf ${'l %d %f %l\n'} -o -type f -size -64k -printf ${'f %d %p\n'})
END
[ -z "$crons" ] || for script in $(grep -lse ${`${bin}/`} $crons); do list scripts "$script"; done
for script in $scripts; do
  echo "script $script"
  grep -e etcd -e '^# provision' "$script" | head -n 60 | cut -c 1-400 | sed 's/^/ /'
done
for conf in $confs; do list beside "\${conf%/*}"; done
set -- ${[conf, pki, data, bin, snapshots, ...(walHome === undefined ? [] : [walHome])]} $directories $beside
while IFS= read -r real; do
  [ "$real" = "$1" ] || echo "real $1 $real"
  shift
done <<END
$(readlink -m "$@")
END`,
    read: ({ stdout }) => readTenants(stdout),
  };
};

/** What a host said of who runs etcd there. */
export function readTenants(stdout: string): TenantsFact {
  const blocks = stdout.split(/\n(?=[a-z/])/).map((block) => {
    const [first = '', ...rest] = block.trimEnd().split('\n');
    const [kind = '', name = '', more = ''] = (
      first.startsWith('/') ? `file ${first}` : first
    ).split(' ');
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
export function serves({ args }: Pick<EtcdProcessFact, 'args'>): boolean {
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
