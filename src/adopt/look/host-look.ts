import type { Fact } from '../../facts/fact.ts';
import { serves, UNIT_FILES } from '../../facts/host/tenants.ts';
import { type Command, sh } from '../../shell/command.ts';

/** What runs etcd on a host that we know nothing of, and what would at its next start. */
export interface HostLook {
  readonly hostName: string;
  readonly machineId: string;
  /** The major version of systemd. */
  readonly systemd: number;
  /** All of its addresses but those of loopback. */
  readonly addresses: readonly string[];
  readonly processes: readonly SeenProcess[];
  readonly units: readonly SeenUnit[];
  /** Unit files, drop-ins and environment files, by path. */
  readonly files: ReadonlyMap<string, SeenFile>;
  /** Manifests of static pods that speak of etcd. */
  readonly manifests: readonly string[];
}

/** A process whose program is an etcd. */
export interface SeenProcess {
  readonly pid: number;
  /** The program, links resolved. */
  readonly executable: string;
  /** The program's file was replaced or removed since. */
  readonly isReplaced: boolean;
  readonly account: string;
  readonly workingDirectory: string;
  /** The unit with its ending; undefined where it belongs to none. */
  readonly unit: string | undefined;
  /** Its control group, where that is one of a container. */
  readonly container: string | undefined;
  /** The ETCD* variables it was given; users and passwords are never read. */
  readonly environment: ReadonlyMap<string, string>;
  /** Its arguments, without the program. */
  readonly args: readonly string[];
}

/** A unit as systemd has it loaded. */
export interface SeenUnit {
  /** With its ending. */
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  /** Its file and its drop-ins, in the order in which they are applied. */
  readonly files: readonly string[];
  /** Drop-ins that lie there and that systemd has not read yet. */
  readonly unread: readonly string[];
  /** The files that it has systemd read variables from, with whether they may be missing, in order. */
  readonly environmentFiles: readonly { readonly path: string; readonly mayMiss: boolean }[];
}

export interface SeenFile {
  readonly text: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** The package it came with, where one owns it. */
  readonly ownedBy: string | undefined;
}

const PROPERTIES = [
  ...['Id', 'Names', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload'],
  ...['MainPID', 'FragmentPath', 'DropInPaths', 'EnvironmentFiles', 'User', 'Group', 'Type'],
  ...['ExecMainStartTimestamp', 'NRestarts', 'Result', 'WorkingDirectory'],
].join(',');

/** Defines `file PATH` of a shell, which prints one with its rights once, and `b`, which encodes what it reads. */
export const PRINT_FILES: Command = sh`b() { base64 -w 0; }
printed=' '
file() {
  case $printed in *" $1 "*) return ;; esac
  printed="$printed$1 "
  [ -f "$1" ] || return 0
  owner=
  if command -v dpkg-query >/dev/null; then owner=$(dpkg-query -S "$1" "\${1#/usr}" 2>/dev/null | head -n 1); owner=\${owner%%:*}
  elif command -v rpm >/dev/null; then owner=$(rpm -qf --qf '%{NAME}' "$1" 2>/dev/null) || owner=; fi
  printf 'file|%s|%s|%s|%s\\n' "$(printf %s "$1" | b)" "$(stat -L -c '%a|%U|%G' -- "$1")" "$(printf %s "$owner" | b)" "$(head -c 262144 -- "$1" | sed -E 's/(^|[^A-Z_])([A-Z_]*(PASSWORD|SECRET|CTL_USER)[A-Z_]*[[:space:]]*=).*/\\1\\2/' | b)"
}`;

/** Asks a host who runs etcd there, in one go. Nothing of it needs a unit's name. */
export const hostLook: Fact<HostLook> = {
  ask: sh`${PRINT_FILES}
printf 'host|%s|%s|%s|%s\\n' "$(b < /proc/sys/kernel/hostname)" "$(b < /etc/machine-id)" "$(systemctl --version | b)" "$(ip -o addr show scope global | b)"
units=
list() { case " $units " in *" $1 "*) ;; *) units="$units $1" ;; esac; }
for one in $(find /proc/[0-9]*/exe -maxdepth 0 -lname '*/etcd*' -printf ${'%h\n'}); do
  program=$(readlink $one/exe) || continue
  case \${program##*/} in etcdctl* | etcdutl* | etcd-*) continue ;; esac
  words=$(b < $one/cmdline)
  [ -n "$words" ] || continue
  group=$(cat $one/cgroup)
  printf 'process|%s|%s|%s|%s|%s|%s|%s\\n' \${one#/proc/} "$(printf %s "$program" | b)" "$(stat -c %U $one | b)" "$(readlink $one/cwd | b)" "$(printf %s "$group" | b)" "$words" "$(grep -z '^ETCD' $one/environ | grep -zv -e '^[A-Z_]*PASSWORD' -e '^ETCDCTL_USER' | b)"
  for word in $group; do case $word in */*.service) list "\${word##*/}" ;; esac; done
done
# What is called after etcd and starts something else is told as well.
for path in $(grep -lse etcd ${UNIT_FILES}; printf '%s\\n' ${UNIT_FILES} | grep -e '/[^/]*etcd[^/]*$'); do
  # An alias is the other unit, which is met by its own name.
  [ -f "$path" ] || continue
  if [ -L "$path" ]; then case $(readlink "$path") in */"\${path##*/}") ;; *) continue ;; esac; fi
  case $path in *.service.d/*) path=\${path%.d/*} ;; esac
  case $path in *@.service) ;; *) list "\${path##*/}" ;; esac
done
for unit in $units; do
  shown=$(TZ=UTC0 systemctl show "$unit" --property=${PROPERTIES})
  printf 'unit|%s|%s\\n' "$(printf %s "$unit" | b)" "$(printf %s "$shown" | b)"
  while IFS= read -r line; do
    value=\${line#*=}
    case $line in
      FragmentPath=/*) file "$value" ;;
      DropInPaths=/*) for path in $value; do file "$path"; done ;;
      EnvironmentFiles=/*) for path in \${value% (*}; do file "$path"; done ;;
    esac
  done <<END
$shown
END
  # Those that systemd has not read yet count from its next start on.
  for path in /etc/systemd/system/"$unit".d/*.conf /run/systemd/system/"$unit".d/*.conf; do
    [ -f "$path" ] || continue
    case $shown in *"$path"*) ;; *) printf 'unread|%s|%s\\n' "$(printf %s "$unit" | b)" "$(printf %s "$path" | b)" ;; esac
  done
done
for path in $(grep -lse etcd /etc/kubernetes/manifests/*); do printf 'manifest|%s\\n' "$(printf %s "$path" | b)"; done
true`,
  read: ({ stdout }) => readHostLook(stdout),
};

/** What a host said of itself. */
export function readHostLook(stdout: string): HostLook {
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const of = (kind: string) => rows.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  const [hostName = '', machineId = '', version = '', addresses = ''] = (of('host')[0] ?? []).map(
    decoded,
  );
  return {
    hostName: hostName.trim(),
    machineId: machineId.trim(),
    systemd: Number(/\d+/.exec(version)?.[0] ?? 0),
    addresses: [...addresses.matchAll(/ inet6? ([0-9a-f.:]+)/g)].flatMap(([, one]) => one ?? []),
    processes: of('process').map(readProcess).filter(serves),
    units: of('unit').map(([name = '', shown = '']) => ({
      ...readUnit(decoded(name), decoded(shown)),
      unread: of('unread').flatMap(([unit, path = '']) => (unit === name ? [decoded(path)] : [])),
    })),
    files: readFiles(stdout),
    manifests: of('manifest').map(([path = '']) => decoded(path)),
  };
}

/** The files that were printed by `PRINT_FILES`, by path. */
export function readFiles(stdout: string): ReadonlyMap<string, SeenFile> {
  const rows = stdout.split('\n').map((line) => line.split('|'));
  return new Map(
    rows.flatMap(([kind, path = '', mode = '', owner = '', group = '', by = '', text = '']) => {
      if (kind !== 'file') return [];
      const ownedBy = decoded(by) === '' ? undefined : decoded(by);
      const rights = { mode: Number.parseInt(mode, 8), owner, group };
      return [[decoded(path), { ...rights, ownedBy, text: decoded(text) }] as const];
    }),
  );
}

function readProcess(fields: readonly string[]): SeenProcess {
  const [pid = '', ...rest] = fields;
  const [program = '', account = '', cwd = '', group = '', words = '', given = ''] =
    rest.map(decoded);
  const groups = group.split('\n').map((line) => line.slice(line.lastIndexOf(':') + 1));
  const container = groups.find((one) => /kubepods|docker|libpod|containerd|crio|lxc/.test(one));
  const unit = groups
    .map((one) => /\/([^/]+\.service)$/.exec(one)?.[1])
    .find((one) => one !== undefined);
  return {
    pid: Number(pid),
    executable: program.replace(/ \(deleted\)$/, ''),
    isReplaced: program.endsWith(' (deleted)'),
    account: account.trim(),
    workingDirectory: cwd.trim(),
    unit,
    container,
    environment: new Map(
      given
        .split('\0')
        .filter((one) => one.includes('='))
        .map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    ),
    args: words.split('\0').slice(1, -1),
  };
}

function readUnit(name: string, shown: string): Omit<SeenUnit, 'unread'> {
  const lines = shown.split('\n').map((line): readonly [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const properties = new Map(lines);
  const paths = [properties.get('FragmentPath') ?? '', properties.get('DropInPaths') ?? ''];
  return {
    name: properties.get('Id') || name,
    properties,
    files: paths.flatMap((one) => one.split(' ')).filter((one) => one !== ''),
    environmentFiles: lines.flatMap(([key, value]) => {
      const [, path, mayMiss] = /^(.*) \(ignore_errors=(yes|no)\)$/.exec(value) ?? [];
      return key !== 'EnvironmentFiles' || path === undefined
        ? []
        : [{ path, mayMiss: mayMiss === 'yes' }];
    }),
  };
}

/** What stands in a field that was encoded. */
export function decoded(field: string): string {
  return Buffer.from(field, 'base64').toString();
}
