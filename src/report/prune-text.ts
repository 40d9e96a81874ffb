import type { StoredSnapshot } from '../snapshot/directory.ts';

/** What a person should know before snapshots go: whose stay, and how they are counted. */
export function pruneNotes(
  cluster: string,
  groups: ReadonlyMap<string | undefined, readonly StoredSnapshot[]>,
  { others, doubtful }: { readonly others: number; readonly doubtful: number },
): readonly string[] {
  const ids = [...groups].map(
    ([id, some]) => `${some.length} of ${id === undefined ? 'no recorded id' : `cluster id ${id}`}`,
  );
  return [
    ...(others === 0
      ? []
      : [`another cluster that is called ${cluster} has snapshots there too; they stay`]),
    ...(doubtful === 0
      ? []
      : [`${doubtful} of which nobody can tell whose they are stay; snapshot list says why`]),
    ...(ids.length < 2
      ? []
      : [`there are ${ids.join(', ')}; the rules count for each cluster id alone`]),
  ];
}
