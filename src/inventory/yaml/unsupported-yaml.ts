import { isAlias, isMap, isNode, isScalar, type Node, visit } from 'yaml';
import type { YamlDocument } from '../../yaml/parse-yaml.ts';
import type { TextMistake } from '../mistake.ts';
import { shown } from '../mistake.ts';

const RESERVED_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What YAML allows and an inventory must not hold: each of these has been a way to surprise a reader or a program. */
export function unsupportedYaml(document: YamlDocument): TextMistake[] {
  const mistakes: TextMistake[] = [];
  const report = (node: Node, message: string) =>
    mistakes.push({ offset: node.range?.[0] ?? 0, message });

  if (document.directives.yaml.explicit === true) {
    mistakes.push({ offset: 0, message: 'a %YAML directive; leave it out' });
  }
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) report(node, `an alias (*${node.source}); write the value out`);
      else if (node.anchor !== undefined) report(node, `an anchor (&${node.anchor}); leave it out`);
      if (node.tag !== undefined) report(node, `a tag (${node.tag}); plain values only`);
      if (isMap(node)) mistakes.push(...keyMistakes(node.items.map(({ key }) => key)));
    },
  });
  return mistakes;
}

function keyMistakes(keys: readonly unknown[]): TextMistake[] {
  const seen = new Set<string>();
  return keys.flatMap((key) => {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) return [{ offset, message: 'a key that is not plain text' }];
    if (name === '<<') return [{ offset, message: 'a merge key (<<); write the values out' }];
    if (RESERVED_KEYS.includes(name)) return [{ offset, message: `the key ${name} is refused` }];
    if (seen.has(name)) return [{ offset, message: `the key ${shown(name)} stands here twice` }];
    seen.add(name);
    return [];
  });
}
