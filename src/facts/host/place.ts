import { readHeader } from '../../desired/header.ts';
import type { FileHeader } from '../../desired/templates.ts';
import { lines, sh } from '../../shell/command.ts';
import type { Fact } from '../fact.ts';

/** What is at a path that provision would write to, link or remove. */
export type PlaceFact =
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'file'; readonly header: FileHeader | undefined }
  | {
      readonly kind: 'directory';
      /** The first fifty, in the order of their names. */
      readonly entries: readonly string[];
    };

/** What is at each of the paths; those with nothing are missing. */
export const placesFact = (paths: readonly string[]): Fact<ReadonlyMap<string, PlaceFact>> => ({
  ask: lines([
    sh`links= files=
look() {
  if [ -L "$1" ]; then links="$links$1|"
  elif [ -d "$1" ]; then
    echo "directory $1"
    left=50
    for entry in "$1"/.* "$1"/*; do
      case \${entry##*/} in . | ..) continue ;; esac
      [ -e "$entry" ] || [ -L "$entry" ] || continue
      [ $left -gt 0 ] || break
      left=$((left - 1)); echo " \${entry##*/}"
    done
  elif [ -e "$1" ]; then
    echo "file $1"
    [ ! -f "$1" ] || files="$files$1|"
  fi
}`,
    ...paths.map((path) => sh`look ${path}`),
    sh`set -f; IFS='|'
set -- $links; [ $# -eq 0 ] || find "$@" -maxdepth 0 -printf ${'link %p %l\n'}
set -- $files; [ $# -eq 0 ] || { echo headers; grep -abHm1 '^# provision: ' "$@"; }`,
  ]),
  read({ stdout }) {
    // Lines of a directory are indented, and no path begins like this.
    const [said = '', told = ''] = stdout.split(/^headers\n/m);
    const blocks = said.trimEnd().split(/\n(?=[a-z])/);
    const headers = told.split('\n');
    return new Map(
      blocks.flatMap((block): readonly (readonly [string, PlaceFact])[] => {
        const [first = '', ...rest] = block.split('\n');
        const [kind, path = '', target = ''] = first.split(' ');
        const body = rest.map((line) => line.replace(/^ /, ''));
        if (kind === 'link') return [[path, { kind, target }]];
        if (kind === 'directory') return [[path, { kind, entries: body }]];
        if (kind === 'file') return [[path, { kind, header: headerOf(path, headers) }]];
        return [];
      }),
    );
  },
});

/** Further down in a file it is of something else. */
const WITHIN_BYTES = 512;

// As grep tells them: path, bytes before it, line.
function headerOf(path: string, headers: readonly string[]): FileHeader | undefined {
  const line = headers.find((one) => one.startsWith(`${path}:`))?.slice(path.length + 1) ?? '';
  const [bytes = '', ...rest] = line.split(':');
  return Number(bytes) < WITHIN_BYTES ? readHeader(rest.join(':')) : undefined;
}
