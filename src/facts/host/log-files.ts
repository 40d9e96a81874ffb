import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';
import { asAccount } from './as-account.ts';

/** What is at the path of a log file of etcd, where its account cannot append to it. */
export type LogFileTrouble =
  | { readonly kind: 'notAFile' }
  /** A link to a file there. */
  | { readonly kind: 'link'; readonly realPath: string }
  /** `at` is the directory or file that keeps it out, with its owner and mode. */
  | { readonly kind: 'barred'; readonly at: string; readonly owner: string };

/** Which of these files exist and are not plain files that the account can append to; links are told wherever they lead. */
export const logFilesFact = (
  account: string,
  paths: readonly string[],
): Fact<ReadonlyMap<string, LogFileTrouble>> => ({
  ask: lines([
    sh`:`,
    ...(paths.length === 0
      ? []
      : [
          asAccount(account),
          sh`as true || exit 0
log() {
  [ -e "$1" ] || return
  echo "path $1"
  real=$(readlink -f "$1")
  if [ ! -f "$real" ]; then [ ! -d "$real" ] || echo kind=notAFile
  elif ! as test -w "$real"; then echo kind=barred; barred "$real" bar
  else case $real in "$(readlink -f "\${1%/*}")"/*) ;; *) echo kind=link; echo "real=$real" ;; esac; fi
}`,
          ...paths.map((path) => sh`log ${path}`),
        ]),
  ]),
  read: ({ stdout }) =>
    new Map(
      stdout
        .split(/^path /m)
        .slice(1)
        .flatMap((block): readonly (readonly [string, LogFileTrouble])[] => {
          const [path = '', ...rest] = block.trimEnd().split('\n');
          const of = (name: string) =>
            rest.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
          switch (of('kind')) {
            case 'notAFile':
              return [[path, { kind: 'notAFile' }]];
            case 'link':
              return [[path, { kind: 'link', realPath: of('real') }]];
            case 'barred':
              return [[path, { kind: 'barred', at: of('barAt'), owner: of('barOwner') }]];
            default:
              return [];
          }
        }),
    ),
});
