import { isMap, isScalar, isSeq, LineCounter, type ParsedNode } from 'yaml';
import { parseYaml } from './parse-yaml.ts';

/** A value of a YAML text, by its keys from the top. */
export interface PlainLine {
  readonly keys: readonly string[];
  /** As a person would type it: a list with commas between, nothing for null. */
  readonly value: string;
  /** From 1, where its key stands. */
  readonly line: number;
}

/** What a YAML text of another program says, value by value. */
export interface PlainLines {
  readonly lines: readonly PlainLine[];
  /** Why it is no YAML, by line; empty where it is. */
  readonly mistakes: readonly { readonly line: number; readonly message: string }[];
}

/** Every value of a YAML text that holds a mapping, with the line of its key. */
export function plainLines(text: string): PlainLines {
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) counter.addNewLine(index + 1);
  const lineOf = (offset: number) => counter.linePos(offset).line;
  const yaml = parseYaml(text);
  if ('beyond' in yaml)
    return { lines: [], mistakes: [{ line: lineOf(yaml.offset), message: `its ${yaml.beyond}` }] };
  const [document] = yaml.documents;
  const contents = document?.contents ?? null;
  const mistakes = (document?.errors ?? []).map(({ pos, message }) => ({
    line: lineOf(pos[0]),
    message,
  }));
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null))
    mistakes.push({ line: 1, message: 'it is no mapping' });
  return { lines: walk(contents, [], lineOf), mistakes };
}

function walk(
  node: ParsedNode | null,
  above: readonly string[],
  lineOf: (offset: number) => number,
): readonly PlainLine[] {
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }): readonly PlainLine[] => {
    if (!isScalar(key)) return [];
    const keys = [...above, String(key.value)];
    const line = lineOf(key.range?.[0] ?? 0);
    const own = { keys, line, value: isMap(value) ? '' : shown(value) };
    return [own, ...walk(value, keys, lineOf)];
  });
}

function shown(node: ParsedNode | null): string {
  if (isSeq(node)) return node.items.map((one) => shown(one as ParsedNode)).join(',');
  if (!isScalar(node) || node.value === null) return '';
  // A number or a boolean as it is written.
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}
