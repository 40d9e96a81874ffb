import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { settingsAt } from '../../etcd/settings-at.ts';
import { parseYaml, type YamlDocument } from '../../yaml/parse-yaml.ts';
import { type Edit, edited, lineOf, written } from './edits.ts';

/** An inventory whose settings have the names of its version. */
export interface RewrittenSettings {
  readonly text: string;
  /** What no name of that version stands for, by its path: `etcd.settings.enable-v2`. */
  readonly leftOut: readonly string[];
}

type Value = string | number | boolean;
type Pair = YAMLMap['items'][number];

/**
 * Gives settings of an inventory the names that its `etcd.version` has, those of all members and their own; every line that
 * says something else stays as it is. Undefined where nothing is called otherwise, or where this is no inventory.
 */
export function rewriteSettings(text: string): RewrittenSettings | undefined {
  const yaml = parseYaml(text);
  const document = 'documents' in yaml ? yaml.documents[0] : undefined;
  const version = document?.getIn(['etcd', 'version']);
  if (document === undefined || document.errors.length > 0 || version === undefined)
    return undefined;
  const told = settingsOf(document).map(([path, map]) => {
    const { changes, settings } = settingsAt(valuesOf(map), String(version));
    const leftOut = [...changes].flatMap(([flag, as]) => (as === undefined ? [flag] : []));
    return {
      edits: changes.size > 0 ? editsOf(map, changes, settings, text) : [],
      leftOut: leftOut.map((flag) => `${path}.${flag}`),
    };
  });
  const edits = told.flatMap((one) => one.edits);
  if (edits.length === 0) return undefined;
  return { text: edited(text, edits), leftOut: told.flatMap((one) => one.leftOut) };
}

/** The mappings of settings, by their paths. */
function settingsOf(document: YamlDocument): readonly (readonly [path: string, map: YAMLMap])[] {
  const members = document.getIn(['members']);
  const own = isSeq(members) ? members.items : [];
  const maps: readonly (readonly [path: string, map: unknown])[] = [
    ['etcd.settings', document.getIn(['etcd', 'settings'])],
    ...own.map(
      (one, at) =>
        [`members[${at}].settings`, isMap(one) ? one.get('settings') : undefined] as const,
    ),
  ];
  return maps.flatMap(([path, map]) => (isMap(map) ? [[path, map] as const] : []));
}

function valuesOf(map: YAMLMap): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    map.items.flatMap((pair) => {
      const value = isScalar(pair.value) ? pair.value.value : undefined;
      return isValue(value) ? [[nameOf(pair), value] as const] : [];
    }),
  );
}

function isValue(value: unknown): value is Value {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** The settings line by line where each has its own; within braces the mapping as a whole. */
function editsOf(
  map: YAMLMap,
  changes: ReadonlyMap<string, string | undefined>,
  settings: Readonly<Record<string, Value>>,
  text: string,
): readonly Edit[] {
  const [start = 0, end = start] = map.range ?? [];
  const entries = (named: Readonly<Record<string, Value>>, comma: string) =>
    Object.entries(named)
      .map(([flag, value]) => `${flag}: ${written(value)}`)
      .join(comma);
  const isEmpty = Object.keys(settings).length === 0;
  if (map.flow === true)
    return [{ start, end, text: isEmpty ? '{}' : `{ ${entries(settings, ', ')} }` }];
  if (isEmpty) return [{ start, end, text: '{}\n' }];
  const placed = new Set(map.items.map(nameOf).filter((flag) => !changes.has(flag)));
  const edits: Edit[] = [];
  for (const pair of map.items) {
    const flag = nameOf(pair);
    const names = (changes.has(flag) ? changes.get(flag) : flag)?.split(', ') ?? [];
    const fresh = changes.has(flag) ? names.filter((name) => !placed.has(name)) : names;
    for (const name of fresh) placed.add(name);
    const [first, ...further] = fresh;
    if (first === undefined) {
      edits.push({ ...lineOf(text, rangeOf(pair.key)[0], rangeOf(pair.value)[1]), text: '' });
      continue;
    }
    const indent = ' '.repeat(column(text, rangeOf(pair.key)[0]));
    const more = further.map((name) => `\n${indent}${name}: ${written(settings[name] ?? '')}`);
    const value = isScalar(pair.value) ? pair.value.value : undefined;
    if (first !== flag) edits.push({ ...spanOf(pair.key), text: first });
    if (settings[first] !== value || more.length > 0)
      edits.push({ ...spanOf(pair.value), text: written(settings[first] ?? '') + more.join('') });
  }
  return edits;
}

function column(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

function spanOf(node: unknown): Pick<Edit, 'start' | 'end'> {
  const [start, end] = rangeOf(node);
  return { start, end };
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const [start = 0, end = start] = (node as Node | null)?.range ?? [];
  return [start, end];
}
