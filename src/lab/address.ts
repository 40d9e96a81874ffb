import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';

/** Reserved for benchmarks and routed nowhere (RFC 2544); 512 labs fit, one /24 each. */
export const LAB_NETWORK = '198.18.0.0/15';
/** The same in IPv6: a unique local prefix (RFC 4193), one /64 for each lab. */
export const LAB_NETWORK_6 = 'fdc6:1800::/32';

const SUBNETS = 256;
export const MOST_HOSTS = 200;

export interface Addresses {
  readonly address: string;
  readonly address6: string;
  readonly mac: string;
}

/** The addresses of the host with this index (1 is the first) in the lab with this subnet. */
export function hostAddresses(subnet: number, index: number): Addresses {
  const last = 10 + index;
  const octet = (value: number) => value.toString(16).padStart(2, '0');
  return {
    address: `198.18.${subnet}.${last}`,
    address6: `${prefix6(subnet)}::${last}`,
    // Kept over a power loss: neighbours remember it. 02 marks a locally administered address.
    mac: `02:c6:12:00:${octet(subnet)}:${octet(last)}`,
  };
}

/** The addresses of the operator's side of the lab with this subnet, with their prefix lengths. */
export function bridgeAddresses(subnet: number): { readonly ipv4: string; readonly ipv6: string } {
  return { ipv4: `198.18.${subnet}.1/24`, ipv6: `${prefix6(subnet)}::1/64` };
}

// As RFC 5952 writes it: ssh compares addresses as text.
const prefix6 = (subnet: number): string =>
  subnet === 0 ? 'fdc6:1800' : `fdc6:1800:${subnet.toString(16)}`;

/** The bridge of a subnet: its name is the claim on the subnet, for the kernel lets nobody make it twice. */
export const bridgeName = (subnet: number): string => `pvlab${subnet}`;

/** The operator's end of a host's cable. Interface names have 15 characters at most. */
export const cableName = (subnet: number, index: number): string => `pvl${subnet}h${index}`;

/** The host names of a lab: lab1, lab2, …; a hyphen keeps `lab1` + 1 apart from `lab` + 11. */
export function hostNames(lab: string, count: number): readonly string[] {
  const prefix = /\d$/.test(lab) ? `${lab}-` : lab;
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

/** Throws a Failure unless the name and the number of hosts can make a lab. */
export function checkLabOptions(name: string, count: number): void {
  if (!/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name))
    throw new Failure('usage', `a lab cannot be called ${JSON.stringify(name)}`, {
      next: [remedy`use up to 30 of a-z, 0-9 and inner hyphens, a letter first`],
    });
  if (!Number.isInteger(count) || count < 1 || count > MOST_HOSTS)
    throw new Failure('usage', `a lab has 1 to ${MOST_HOSTS} hosts, not ${count}`, {
      next: [remedy`provision lab up 3`],
    });
}

/** The subnets a new lab may take, in order of preference: the one called `lab` always has 0, the others never. */
export function subnetsFor(name: string, taken: ReadonlySet<number>): readonly number[] {
  if (name === 'lab') return [0];
  return Array.from({ length: SUBNETS - 1 }, (_, index) => index + 1).filter(
    (subnet) => !taken.has(subnet),
  );
}
