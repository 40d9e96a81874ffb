import type { EtcdMember } from './answers.ts';

/** Whether two URLs are the same but for the protocol, which a switch changes. */
export function sameAddress(url: string, other: string): boolean {
  return addressOf(url) === addressOf(other);
}

/** Whether a member has a peer URL at the address of this one. */
export function isAt({ peerUrls }: Pick<EtcdMember, 'peerUrls'>, url: string): boolean {
  return peerUrls.some((one) => sameAddress(one, url));
}

function addressOf(url: string): string {
  return url.slice(url.indexOf(':'));
}
