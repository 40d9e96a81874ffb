import { isIP, isIPv4 } from 'node:net';
import { canonicalName } from '../names.ts';
import { type Der, sequence, taggedBytes } from './der.ts';
import { content, DerError, hasTag, items } from './der-read.ts';

const MAIL = 1;
const DNS = 2;
const URI = 6;
const ADDRESS = 7;

/** The names as GeneralNames of a subjectAltName: addresses, mail (`@`), URIs (`://`), everything else DNS. */
export function generalNames(names: readonly string[]): Der {
  return sequence(...names.map(generalName));
}

function generalName(name: string): Der {
  if (isIP(name) !== 0) return taggedBytes(ADDRESS, addressBytes(name));
  const tag = name.includes('://') ? URI : name.includes('@') ? MAIL : DNS;
  return taggedBytes(tag, Buffer.from(name, 'latin1'));
}

/**
 * The names as text. An address that stands as a DNS name keeps the mark `DNS:`, since no client takes it for the
 * address; kinds without a plain spelling appear as `other:[tag]`.
 */
export function readGeneralNames(node: Der | undefined): readonly string[] {
  return items(node).map((name) => {
    if (hasTag(name, ADDRESS)) return addressText(content(name));
    if (hasTag(name, DNS)) return dnsText(content(name).toString('latin1'));
    if (hasTag(name, MAIL) || hasTag(name, URI)) return content(name).toString('latin1');
    return `other:[${Number(name.type)}]`;
  });
}

/** An address and the mask behind it, as in name constraints: `10.0.0.0/255.0.0.0`. */
export function readNetwork(bytes: Buffer): string {
  const half = bytes.length / 2;
  return `${addressText(bytes.subarray(0, half))}/${addressText(bytes.subarray(half))}`;
}

function dnsText(text: string): string {
  return isIP(text) === 0 ? text.toLowerCase() : `DNS:${text}`;
}

/** 4 or 16 bytes in network order; IPv4-mapped addresses are IPv4, as Go compares them. */
export function addressBytes(address: string): Buffer {
  const plain = canonicalName(address);
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  const [head = '', tail = ''] = plain.split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':').flatMap(wordsOf));
  const left = words(head);
  const right = words(tail);
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  const bytes = [...left, ...zeros, ...right].flatMap((word) => [word >> 8, word & 0xff]);
  return Buffer.from(bytes);
}

// The last four bytes may be spelt as IPv4: 64:ff9b::192.0.2.1
function wordsOf(group: string): readonly number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) throw new DerError(`holds an address of ${bytes.length} bytes`);
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return canonicalName(words.join(':'));
}
