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
  ask: lines(
    paths.map(
      (path) => sh`if [ -L ${path} ]; then echo ${`link ${path}`} "$(readlink ${path})"
elif [ -d ${path} ]; then echo ${`directory ${path}`}; ls -A ${path} | head -n 50 | sed 's/^/ /'
elif [ -e ${path} ]; then echo ${`file ${path}`}; head -c 512 ${path} | sed -n '/^# provision: /s/^/ /p'; fi`,
    ),
  ),
  read({ stdout }) {
    const blocks = stdout.trimEnd().split(/\n(?=[a-z])/);
    return new Map(
      blocks.flatMap((block): readonly (readonly [string, PlaceFact])[] => {
        const [first = '', ...rest] = block.split('\n');
        const [kind, path = '', target = ''] = first.split(' ');
        const body = rest.map((line) => line.replace(/^ /, ''));
        if (kind === 'link') return [[path, { kind, target }]];
        if (kind === 'directory') return [[path, { kind, entries: body }]];
        if (kind === 'file') return [[path, { kind, header: readHeader(body.join('\n')) }]];
        return [];
      }),
    );
  },
});
