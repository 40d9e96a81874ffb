import { createHash } from 'node:crypto';

/**
 * The id etcd gives a member of a first start: 16 hexadecimal digits.
 * etcd server/etcdserver/api/membership/member.go computeMemberID: sha1 of the sorted peer URLs and the token.
 */
export function bootstrapMemberId(peerUrls: readonly string[], token: string): string {
  return createHash('sha1')
    .update([...peerUrls].sort().join('') + token)
    .digest('hex')
    .slice(0, 16);
}

/**
 * The id etcd gives a cluster of a first start: 16 hexadecimal digits.
 * etcd server/etcdserver/api/membership/cluster.go genID: sha1 of the sorted member ids, eight bytes each.
 */
export function bootstrapClusterId(peerUrls: readonly string[], token: string): string {
  const ids = peerUrls.map((url) => bootstrapMemberId([url], token)).sort();
  return createHash('sha1')
    .update(Buffer.from(ids.join(''), 'hex'))
    .digest('hex')
    .slice(0, 16);
}
