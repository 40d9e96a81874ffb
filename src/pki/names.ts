import { isIP, isIPv4, SocketAddress } from 'node:net';

/**
 * Why a certificate cannot carry the name, or undefined when it can: IP addresses, DNS names, one leading wildcard
 * label (`*.etcd.svc`). Empty names and a bare `*` match nothing in Go's verifier and are refused.
 */
export function whyBadName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '*') return 'is a bare *, which no client accepts; write *.some.domain';
  if (/[\s\p{Cc}]/u.test(name)) return 'holds a blank or control character';
  if (name.includes('://')) return 'is a URL; write its host only';
  if (name.includes('/')) return 'holds a slash; names are single addresses, not networks or paths';
  if (name.includes('%')) return 'holds %; a zone is not part of a certificate';
  if (isIP(name) !== 0) return undefined;
  if (name.includes(':')) return 'is no IPv6 address, nor may a name carry a port or brackets';
  if (/[^\x20-\x7e]/.test(name)) return 'is not ASCII; write its punycode form (xn--…)';
  return whyBadDnsName(name);
}

function whyBadDnsName(name: string): string | undefined {
  if (name.length > 253) return 'is longer than 253 characters';
  if (name.endsWith('.')) return 'ends in a dot, which no client matches';
  const labels = name.split('.');
  const plain = labels[0] === '*' ? labels.slice(1) : labels;
  if (plain.some((label) => label === '')) return 'holds an empty label';
  if (plain.some((label) => label.includes('*'))) return 'may hold one *, alone in its first label';
  if (plain.some((label) => label.length > 63)) return 'holds a label longer than 63 characters';
  // Go accepts the underscore, and Patroni or compose names use it.
  const bad = plain.find((label) => !/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i.test(label));
  if (bad !== undefined) return `holds ${JSON.stringify(bad)}, which is no DNS label`;
  if (/^\d+$/.test(plain.at(-1) ?? '')) return 'looks like an IPv4 address but is none';
  return undefined;
}

/**
 * The one spelling of a name that comparisons use: addresses as Go and OpenSSL print them (IPv4-mapped ones as IPv4),
 * DNS names in lower case.
 */
export function canonicalName(name: string): string {
  if (isIPv4(name)) return name;
  // Mail addresses and URIs are compared to the letter.
  if (isIP(name) === 0) return /@|:\/\//.test(name) ? name : name.toLowerCase();
  const { address } = new SocketAddress({ address: name, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return mapped ?? address;
}

/** The names without repetitions, each in its one spelling, in the order of their first appearance. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.map(canonicalName))];
}

/** The names without those that mean the same as an earlier one, each as it was written. */
export function distinctNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => {
    const canonical = canonicalName(name);
    return !seen.has(canonical) && seen.add(canonical);
  });
}

/** The four names of a Kubernetes service that also cover members added later (headless service, one label a member). */
export function serviceNames(
  service: string,
  namespace: string,
  domain = 'svc.cluster.local',
): readonly string[] {
  return ['svc', domain].flatMap((base) => [
    `${service}.${namespace}.${base}`,
    `*.${service}.${namespace}.${base}`,
  ]);
}
