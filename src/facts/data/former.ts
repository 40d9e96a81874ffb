import type { DesiredCluster } from '../../desired/cluster.ts';
import { sh } from '../../shell/command.ts';
import { type Fact, NOTHING, properties } from '../fact.ts';

/** What a member was run by before it was taken over, as it is kept on its host. */
export interface FormerFact {
  /** Files that are kept, and those that were not there. */
  readonly paths: readonly string[];
  /** Those of them that stand in their place again as they are kept. */
  readonly back: readonly string[];
  readonly note: FormerNote;
  /** Checksum of the program that ran then, as its file is now; undefined where that is gone. */
  readonly programSha256: string | undefined;
}

/** How it ran. */
export interface FormerNote {
  readonly account: string;
  readonly executable: string;
  readonly sha256: string;
  readonly version: string;
  readonly protocol: string;
  readonly peerUrl: string;
  readonly data: string;
  readonly wal: string;
  /** The CA that the store had then; empty where there was none. */
  readonly ca: string;
  /** The same of the peers' own. */
  readonly peerCa: string;
}

/** Where the files of somebody else are kept, by unit: two clusters on a host have their own. */
export function formerDirectory(unit: string): string {
  return `/var/lib/provision/adopted/${unit}`;
}

/** What is kept of the one before; undefined where nothing is, or where the inventory takes nothing over. */
export const formerFact = ({
  unit,
  adoptedId,
}: Pick<DesiredCluster, 'unit' | 'adoptedId'>): Fact<FormerFact | undefined> => ({
  ask:
    adoptedId === undefined
      ? NOTHING
      : sh`cd ${formerDirectory(unit)} || exit 0
cat note
find files -mindepth 1 '(' -type f -o -type l ')' -printf 'path./%P=\\n'
sed -e 's/^/path./' -e 's/$/=/' absent
find files -mindepth 1 -type f -printf '%P\\n' | while IFS= read -r path; do
  ! cmp -s -- "files/$path" "/$path" || echo "back./$path="
done
program=$(sed -n 's/^executable=//p' note)
[ ! -f "$program" ] || sha256sum -- "$program" | sed 's/^/now=/'`,
  read({ stdout }) {
    const found = properties(stdout);
    if (!found.has('account')) return undefined;
    const said = (key: string) => found.get(key) ?? '';
    const named = (prefix: string) =>
      [...found.keys()].flatMap((key) => (key.startsWith(prefix) ? [key.slice(5)] : []));
    return {
      paths: named('path.'),
      back: named('back.'),
      note: {
        ...{ account: said('account'), executable: said('executable'), sha256: said('sha256') },
        ...{ version: said('version'), protocol: said('protocol'), peerUrl: said('peerUrl') },
        ...{ data: said('data'), wal: said('wal'), ca: said('ca') },
        peerCa: said('peerCa'),
      },
      programSha256: /^[0-9a-f]{64}/.exec(said('now'))?.[0],
    };
  },
});
