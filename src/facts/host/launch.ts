import { type Command, lines, sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { showUnit } from './show-unit.ts';

/** A text file on a host. */
export interface TextFile {
  readonly path: string;
  readonly content: string;
}

export interface DropIn extends TextFile {
  /** The ETCD_ variables of files it has systemd read. */
  readonly environmentFiles: readonly TextFile[];
}

/** What systemd starts a unit with, beside the unit file: nobody asks the inventory for any of it. */
export interface LaunchFact {
  /** Somebody keeps the unit from starting. */
  readonly masked: boolean;
  /** The file systemd reads as the unit. */
  readonly fragment: string;
  /** The ETCD_ variables that every service gets. */
  readonly environment: ReadonlyMap<string, string>;
  /** The files of systemd's own configuration that hold such variables, loaded or not. */
  readonly managerFiles: readonly TextFile[];
  /** In the order in which they are applied; also those that systemd has not read yet. */
  readonly dropIns: readonly DropIn[];
}

// Where systemd looks for units, the first ones winning (systemd.unit(5), "Unit File Load Path").
const UNITS = [
  ...['/etc/systemd/system.control', '/run/systemd/system.control', '/run/systemd/transient'],
  ...['/etc/systemd/system', '/run/systemd/system', '/run/systemd/generator'],
  ...['/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'],
];
const MANAGER = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'];

export const launchFact = (unit: string): Fact<LaunchFact> => ({
  first: [showUnit(unit)],
  ask: lines([
    sh`fragment=\${shown##*FragmentPath=}; echo "FragmentPath=\${fragment%%${'\n'}*}"
case $shown in *LoadState=masked*) echo LoadState=masked ;; esac
[ ! -L ${`/etc/systemd/system/${unit}.service`} ] || [ "$(readlink -f ${`/etc/systemd/system/${unit}.service`})" != /dev/null ] || echo LoadState=masked
said=$(systemctl show-environment)
case $said in *ETCD_*) printf '%s\\n' "$said" | sed -n 's/^ETCD_/environment.&/p' ;; esac
grep -lse ETCD_ ${wildcards(MANAGER.flatMap((one) => [`${one}/system.conf`, `${one}/system.conf.d/*.conf`]))} | while IFS= read -r file; do
  [ ! -f "$file" ] || { echo "@manager $file"; sed 's/^/|/' "$file"; }
done
seen=' '
for directory in ${dropInNames(unit).flatMap((name) => UNITS.map((base) => `${base}/${name}`))}; do
  [ -d "$directory" ] || continue
  for file in "$directory"/*.conf; do
    case $seen in *" \${file##*/} "*) continue ;; esac
    [ -e "$file" ] || continue
    seen="$seen\${file##*/} "
    [ -f "$file" ] || continue
    echo "@dropIn $file"; sed 's/^/|/' "$file"
    for named in $(sed -n 's/^[[:space:]]*EnvironmentFile[[:space:]]*=[[:space:]]*-\\{0,1\\}//p' "$file"); do
      [ -f "$named" ] && echo "@named $named" && sed -n 's/^[[:space:]]*ETCD_/|ETCD_/p' "$named"
    done
  done
done
true`,
  ]),
  read({ stdout }) {
    const [said = '', ...sections] = stdout.split(/^@(?=(?:manager|dropIn|named) )/m);
    const found = properties(said);
    const files = sections.map((section) => {
      const [, kind = '', path = ''] = /^(\w+) (.*)/.exec(section) ?? [];
      const content = section
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
      return { kind, path, content };
    });
    const dropIns = files.flatMap(({ kind, path, content }, at) => {
      if (kind !== 'dropIn') return [];
      const after = files.slice(at + 1);
      const end = after.findIndex((one) => one.kind !== 'named');
      const environmentFiles = (end === -1 ? after : after.slice(0, end)).map(bare);
      return [{ path, content, environmentFiles }];
    });
    return {
      masked: found.get('LoadState') === 'masked',
      fragment: found.get('FragmentPath') ?? '',
      environment: new Map(
        [...found].flatMap(([name, value]) =>
          name.startsWith('environment.') ? [[name.slice(12), unquoted(value)]] : [],
        ),
      ),
      managerFiles: files.filter(({ kind }) => kind === 'manager').map(bare),
      dropIns: dropIns.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    };
  },
});

/** The directories of drop-ins of a unit: its own, those of its prefixes and template, those of all services. */
function dropInNames(unit: string): readonly string[] {
  const at = unit.indexOf('@');
  const prefixes = [...unit.matchAll(/-/g)].map(({ index }) => `${unit.slice(0, index + 1)}`);
  const names = [unit, ...(at === -1 ? [] : [unit.slice(0, at + 1)]), ...prefixes.toReversed()];
  return [...names.map((name) => `${name}.service.d`), 'service.d'];
}

// The patterns are ours; quoted, they would name files.
function wildcards(patterns: readonly string[]): Command {
  const parts = patterns.map((pattern) =>
    pattern.endsWith('/*.conf') ? sh`${pattern.slice(0, -7)}/*.conf` : sh`${pattern}`,
  );
  return { ...lines(parts), text: lines(parts).text.replaceAll('\n', ' ') };
}

function bare({ path, content }: TextFile): TextFile {
  return { path, content };
}

function nameOf({ path }: TextFile): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

// `show-environment` quotes as bash does: $'a b'.
function unquoted(value: string): string {
  const inner = /^\$'(.*)'$/s.exec(value)?.[1];
  return inner === undefined ? value : inner.replaceAll(/\\(.)/g, '$1');
}
