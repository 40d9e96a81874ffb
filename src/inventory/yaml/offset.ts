import { isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { Path } from '../path.ts';

/** Offset of the value at the path (or of its key); where it is missing, of the key of what should hold it. */
export function offsetOf(root: Node | null, path: Path, atKey: boolean): number {
  let node: unknown = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  for (const [depth, part] of path.entries()) {
    const next = child(node, part);
    if (next === undefined) return offset;
    const last = depth === path.length - 1;
    offset = (last && !atKey ? start(next.value) : undefined) ?? next.offset;
    node = next.value;
  }
  return offset;
}

function child(node: unknown, part: string | number) {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    const offset = pair === undefined ? undefined : start(pair.key);
    return pair === undefined || offset === undefined ? undefined : { offset, value: pair.value };
  }
  if (isSeq(node) && typeof part === 'number') {
    const value = node.items[part];
    const offset = start(value);
    return offset === undefined ? undefined : { offset, value };
  }
  return undefined;
}

function start(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
