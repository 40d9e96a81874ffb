import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers, foundOf } from '../../observed/found.ts';
import { trustBundle } from '../../pki/ca/trust.ts';
import { sha256, trustOf } from './trust.ts';

/**
 * Whether a member trusts the signing CA alone already, as somebody has agreed that trust in the other one ends. It is left
 * so: `up` neither widens its trust again nor narrows that of others.
 */
export function trustsOneCa(facts: ClusterFacts, name: string): boolean {
  const { record, previous } = facts.rotation;
  if (record?.consent === undefined || previous === undefined) return false;
  const bundle = foundOf(facts, name)?.pki.files.get('ca.crt');
  return bundle !== undefined && bundle.sha256 === sha256(trustOf(narrow(facts)));
}

/** The facts as they count for one member: for one whose trust was narrowed there is no previous CA any more. */
export function trustedBy(facts: ClusterFacts, name: string): ClusterFacts {
  return trustsOneCa(facts, name) ? narrow(facts) : facts;
}

/** What a member is to trust: one whose trust was narrowed stays so. */
export function trustToKeep(facts: ClusterFacts, name: string): 'signing' | undefined {
  return trustsOneCa(facts, name) ? 'signing' : undefined;
}

/**
 * Members that still trust a CA the store has given up although it has no record that anybody agreed to that, as runs of
 * former versions left them when they were killed.
 */
export function withoutConsent({
  members,
  store,
  rotation,
}: Pick<ClusterFacts, 'members' | 'store' | 'rotation'>): readonly string[] {
  const { next, previous, retired, record } = rotation;
  if (next !== undefined || previous !== undefined || record?.consent !== undefined) return [];
  const bundles = new Set(retired.map((one) => sha256(trustBundle([store.ca, one]))));
  return foundMembers({ members })
    .filter(([, { pki }]) => bundles.has(pki.files.get('ca.crt')?.sha256 ?? ''))
    .map(([name]) => name);
}

/** The facts as they will be once the previous CA is not trusted any more. */
function narrow(facts: ClusterFacts): ClusterFacts {
  return { ...facts, rotation: { ...facts.rotation, previous: undefined } };
}
