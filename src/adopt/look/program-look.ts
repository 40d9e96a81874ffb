import type { Fact } from '../../facts/fact.ts';
import { sh } from '../../shell/command.ts';
import { decoded, PRINT_FILES, readFiles, type SeenFile } from './host-look.ts';

/** What an etcd runs, and what it reads its settings from. */
export interface ProgramLook {
  /** Of the process; undefined where nothing runs, or its program does not say. */
  readonly version: string | undefined;
  /** Of the program's file, which the next start runs. */
  readonly fileVersion: string | undefined;
  /** The YAML file of the process, and that of the unit. */
  readonly configFiles: ReadonlyMap<string, SeenFile>;
  /** An etcdctl to ask with. */
  readonly etcdctl: string | undefined;
}

/** A program and the YAML files that its process and its unit name. */
export interface Program {
  /** 0 where nothing runs, or in a container. */
  readonly pid: number;
  /** What its process sees as the root of all files: a container's has an etcdctl of its own. */
  readonly root: string;
  readonly executable: string;
  readonly configFiles: readonly string[];
}

/** Asks a program what it is, and reads the files that it has its settings from. */
export const programLook = ({ pid, root, executable, configFiles }: Program): Fact<ProgramLook> => {
  const directory = executable.slice(0, executable.lastIndexOf('/'));
  return {
    ask: sh`${PRINT_FILES}
said() { printf '%s|%s\\n' "$1" "$(env -i "$2" --version 2>/dev/null | head -c 4096 | b)"; }
[ ${pid} = 0 ] || said version /proc/${pid}/exe
[ ! -x ${executable} ] || said fileVersion ${executable}
for path in ${configFiles}; do file "$path"; done
for path in ${directory}/etcdctl "$(command -v etcdctl)" /usr/local/bin/etcdctl /opt/etcd/etcdctl /opt/bin/etcdctl ${[`${root}${directory}/etcdctl`, `${root}/usr/local/bin/etcdctl`]}; do
  if [ -x "$path" ]; then printf 'etcdctl|%s\\n' "$(printf %s "$path" | b)"; break; fi
done
true`,
    read: ({ stdout }) => readProgramLook(stdout),
  };
};

/** What a host said of a program. */
export function readProgramLook(stdout: string): ProgramLook {
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const of = (kind: string) => {
    const [, field] = rows.find(([first]) => first === kind) ?? [];
    return field === undefined ? undefined : decoded(field);
  };
  const version = (kind: string) => /^etcd Version: (\S+)/m.exec(of(kind) ?? '')?.[1];
  return {
    version: version('version'),
    fileVersion: version('fileVersion'),
    configFiles: readFiles(stdout),
    etcdctl: of('etcdctl'),
  };
}
