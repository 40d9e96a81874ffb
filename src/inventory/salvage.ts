import type { Mistake } from './mistake.ts';
import { nameOf, type Path } from './path.ts';
import { type Inventory, inventorySchema } from './schema.ts';

/** The inventory without its mistaken parts, so that rules can look at the rest; undefined when too little is left. */
export function salvage(value: unknown, mistakes: readonly Mistake[]): Inventory | undefined {
  const draft: unknown = structuredClone(value);
  if (!isMapping(draft) || !Array.isArray(draft.members)) return undefined;
  const members: readonly unknown[] = draft.members;
  const spoilt = new Set(mistakes.flatMap(({ path }) => (path[0] === 'members' ? [path[1]] : [])));

  for (const { path } of mistakes) if (path[0] !== 'members') remove(draft, path);
  // Stand-ins, about which no rule complains; the addresses are those of RFC 5737 that nobody has.
  draft.members = members.map((member, index) =>
    spoilt.has(index) ? { name: `member-${index}`, address: `192.0.2.${index}` } : member,
  );
  draft.cluster ??= 'unnamed';
  draft.etcd = { version: '3.7.1', ...(isMapping(draft.etcd) && draft.etcd) };

  return inventorySchema.safeParse(draft).data;
}

/** Whether a rule's finding may only follow from a mistake next to it, whose place a default has taken. */
export function isEcho(finding: Mistake, mistakes: readonly Mistake[]): boolean {
  const container = nameOf(finding.path.slice(0, -1));
  return mistakes.some(({ path }) =>
    container === 'etcd.settings'
      ? nameOf(path) === 'etcd.version'
      : nameOf(path.slice(0, -1)) === container,
  );
}

// A list that lost an item would have other items at its positions, so it goes as a whole.
function remove(draft: Record<string, unknown>, [key, ...rest]: Path): void {
  if (typeof key !== 'string') return;
  const inner = draft[key];
  if (rest.length > 0 && isMapping(inner)) remove(inner, rest);
  else delete draft[key];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
