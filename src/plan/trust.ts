import { createHash } from 'node:crypto';
import type { ClusterFacts } from '../facts/cluster.ts';
import { trustBundle } from '../pki/trust.ts';

/** The CA bundle members are to have. */
export function trustOf({ store, rotation }: Pick<ClusterFacts, 'store' | 'rotation'>): string {
  return trustBundle([store.ca, rotation.next, rotation.previous]);
}

/** The checksum of a text as the hosts compute it for a file. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
