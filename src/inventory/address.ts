import { BlockList, isIP, isIPv6 } from 'node:net';
import { whyBadName } from '../pki/names.ts';

/** Why nothing can be reached at the address from another machine, or undefined: an IP address or a DNS name can. */
export function whyUnreachable(address: string): string | undefined {
  const bad = whyBadName(address);
  if (bad !== undefined) return bad;
  if (address.includes('*')) return 'is a pattern, not an address';
  if (isIP(address) === 0) return whyUnreachableName(address);
  return SPECIAL.find(({ list }) => list.check(address, family(address)))?.why;
}

/** Whether the address stands for all addresses of a machine (`0.0.0.0`, `::`). */
export function isUnspecified(address: string): boolean {
  return isIP(address) !== 0 && UNSPECIFIED.check(address, family(address));
}

function whyUnreachableName(name: string): string | undefined {
  return /^(.*\.)?localhost$/i.test(name) ? LOOPBACK : undefined;
}

const LOOPBACK = 'is a loopback address: every other machine would reach itself';

const UNSPECIFIED = blocks(['0.0.0.0/32', '::/128']);

const SPECIAL: readonly { readonly list: BlockList; readonly why: string }[] = [
  { list: blocks(['127.0.0.0/8', '::1/128']), why: LOOPBACK },
  { list: UNSPECIFIED, why: 'is an unspecified address: no machine can be reached at it' },
  { list: blocks(['0.0.0.0/8']), why: 'lies in 0.0.0.0/8, which no machine can have' },
  {
    list: blocks(['169.254.0.0/16', 'fe80::/10']),
    why: 'is a link-local address: it means another machine on every link',
  },
  { list: blocks(['224.0.0.0/4', 'ff00::/8']), why: 'is a multicast address' },
  { list: blocks(['240.0.0.0/4']), why: 'is a reserved or broadcast address' },
];

function blocks(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', prefix] = subnet.split('/');
    list.addSubnet(net, Number(prefix), family(net));
  }
  return list;
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
