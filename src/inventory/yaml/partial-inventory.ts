import { NEWEST_VERSION } from '../../etcd/versions.ts';
import type { Mistake } from '../mistake.ts';
import { nameOf, type Path } from '../path.ts';
import { type Inventory, inventorySchema } from '../schema.ts';

/** The inventory without its mistaken parts, so that rules can look at the rest; undefined when too little is left. */
export function partialInventory(
  value: unknown,
  mistakes: readonly Mistake[],
): Inventory | undefined {
  const draft: unknown = structuredClone(value);
  if (!isMapping(draft)) return undefined;
  for (const { path } of mistakes) remove(draft, path);
  // No list, or one of which nothing can be kept.
  if (!Array.isArray(draft.members)) return undefined;
  // Stand-ins, about which no rule complains; the addresses are those of RFC 5737 that nobody has.
  draft.members = draft.members.map((member: unknown, index) => ({
    ...{ name: `member-${index}`, address: `192.0.2.${index}` },
    ...(isMapping(member) && member),
  }));
  draft.cluster ??= 'unnamed';
  draft.etcd = { version: NEWEST_VERSION, ...(isMapping(draft.etcd) && draft.etcd) };

  return inventorySchema.safeParse(draft).data;
}

/** Whether a rule's finding may only follow from a mistake next to it, whose place a default has taken. */
export function isConsequence(finding: Mistake, mistakes: readonly Mistake[]): boolean {
  const container = nameOf(finding.path.slice(0, -1));
  return mistakes.some(({ path, atKey = false }) => {
    if (/^(etcd|members\[\d+\])\.settings$/.test(container)) return nameOf(path) === 'etcd.version';
    // A key that nobody knows, or a name in another's place, says nothing about what stands beside it.
    if (atKey || path.at(-1) === 'name') return nameOf(path) === nameOf(finding.path);
    return nameOf(path.slice(0, -1)) === container;
  });
}

// A list that lost an item would have other items at its positions, so it goes as a whole.
function remove(draft: object, [key = '', ...rest]: Path): void {
  const inner: unknown = Reflect.get(draft, key);
  if (rest.length === 0) Reflect.deleteProperty(draft, key);
  else if (isMapping(inner) || isListOfMappings(inner)) remove(inner, rest);
  else Reflect.deleteProperty(draft, key);
}

function isListOfMappings(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some(isMapping);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
