/** Where in the inventory: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** The path as a person writes it: `members[1].ssh.port`; the whole inventory is `inventory`. */
export function nameOf(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'inventory' : text.replace(/^\./, '');
}

/** What stands at the path in a parsed file, or undefined where nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.entries(value).find(([key]) => key === String(part))?.[1];
  }, root);
}
