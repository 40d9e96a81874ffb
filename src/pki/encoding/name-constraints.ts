import { isIP, isIPv4 } from 'node:net';
import type { Der } from './der.ts';
import { content, hasTag, items } from './der-read.ts';
import { addressBytes, readNetwork } from './general-names.ts';

/** Which names a CA may certify (RFC 5280 §4.2.1.10): DNS suffixes and networks such as `10.0.0.0/255.0.0.0`. */
export interface NameConstraints {
  readonly permitted: readonly string[];
  readonly excluded: readonly string[];
}

const DNS = 2;
const ADDRESS = 7;

/** The permitted and excluded subtrees of the extension (RFC 5280 §4.2.1.10). */
export function readNameConstraints(node: Der): NameConstraints {
  const subtrees = (tag: number) => {
    const list = items(node).find((part) => hasTag(part, tag));
    return list === undefined ? [] : items(list).map((subtree) => base(items(subtree)[0]));
  };
  return { permitted: subtrees(0), excluded: subtrees(1) };
}

function base(name: Der | undefined): string {
  if (hasTag(name, ADDRESS)) return readNetwork(content(name));
  if (hasTag(name, DNS)) return content(name).toString('latin1').toLowerCase();
  return `other:[${Number(name?.type)}]`;
}

/** The names that a verifier would refuse below a CA with these constraints. */
export function outsideConstraints(
  names: readonly string[],
  constraints: NameConstraints | undefined,
): readonly string[] {
  if (constraints === undefined) return [];
  return names.filter((name) => {
    const rules = (list: readonly string[]) => list.filter((rule) => sameFamily(rule, name));
    const permitted = rules(constraints.permitted);
    const allowed = permitted.length === 0 || permitted.some((rule) => matches(rule, name));
    return !allowed || rules(constraints.excluded).some((rule) => matches(rule, name));
  });
}

function sameFamily(rule: string, name: string): boolean {
  return rule.includes('/') === (isIP(name) !== 0) && !rule.startsWith('other:');
}

function matches(rule: string, name: string): boolean {
  if (isIP(name) !== 0) return inNetwork(rule, name);
  const suffix = rule.replace(/^\./, '');
  const host = name.toLowerCase();
  return suffix === '' || host.endsWith(`.${suffix}`) || (host === suffix && suffix === rule);
}

function inNetwork(rule: string, address: string): boolean {
  const [network = '', mask = ''] = rule.split('/');
  if (isIPv4(network) !== isIPv4(address)) return false;
  const wanted = addressBytes(network);
  const kept = addressBytes(mask);
  return addressBytes(address).every(
    (byte, index) => (byte & (kept[index] ?? 0)) === ((wanted[index] ?? 0) & (kept[index] ?? 0)),
  );
}
