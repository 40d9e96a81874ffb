import type { DesiredCluster } from '../../desired/cluster.ts';
import type { DesiredConsumer } from '../../desired/consumers.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundConsumer, foundOf } from '../../observed/found.ts';
import type { Authority } from '../../pki/ca/authority.ts';
import type { CaRotation } from '../../pki/ca/ca-rotation.ts';
import type { DesiredCertificate } from '../../pki/desired-certificate.ts';
import { caOf } from '../../pki/store/store-facts.ts';
import { consumerIsCurrent, consumerTrusts } from '../consumers.ts';
import { trustedBy, trustsOneCa } from './narrowed.ts';
import { sha256, trustOf } from './trust.ts';

/**
 * How far a rotation of the CA has come, read from the store and from what members trust since their start:
 * `trust` the new CA is being made known · `sign` every member trusts both · `leaves` the new CA signs, members get its
 * leaves · `drop` the old CA is not trusted any more, members learn that by a restart · `none` no rotation is under way.
 */
export type CaPhase = 'none' | 'trust' | 'sign' | 'leaves' | 'drop';

/** The phase of a rotation, from what was found. */
export function caPhase(desired: DesiredCluster, facts: ClusterFacts): CaPhase {
  const { next, previous } = facts.rotation;
  const members = desired.members.every(({ name }) => memberTrusts(facts, name));
  const consumers = desired.consumers.every((consumer) => consumerTrusts(consumer, facts));
  if (next !== undefined && previous === undefined) return members && consumers ? 'sign' : 'trust';
  if (previous !== undefined) return next === undefined ? 'leaves' : 'sign';
  // A consumer that has nothing yet is not a sign of a rotation.
  const lagging = desired.consumers.some(
    (one) =>
      foundConsumer(facts, one.name)?.pki.files.has('ca.crt') === true &&
      !consumerTrusts(one, facts),
  );
  return members && !lagging ? 'none' : 'drop';
}

/** Whether a member's process has started with exactly the CAs that are to be trusted. */
export function memberTrusts(facts: ClusterFacts, name: string): boolean {
  const found = foundOf(facts, name);
  const file = found?.pki.files.get('ca.crt');
  const startedAt = found?.unit.startedAt;
  return (
    file !== undefined &&
    startedAt !== undefined &&
    file.sha256 === sha256(trustOf(trustedBy(facts, name))) &&
    file.modifiedAt <= startedAt
  );
}

/** Whether a rotation is under way that goes back to the CA from before it. */
export function goesBack({ rotation: { next, previous, record } }: ClusterFacts): boolean {
  return (next ?? previous) !== undefined && record?.back === true;
}

/**
 * Whether the store gave the former CA up, and nobody has seen yet that members refuse it. Of one that was given up before
 * it signed anything nobody has a certificate to be refused.
 */
export function isUnproven({ record = {} }: CaRotation): boolean {
  const { back, since, ended, proven } = record;
  const neverSigned = back === true && since === undefined;
  return ended !== undefined && proven === undefined && !neverSigned;
}

/** Whether every leaf of the CA that signs is in the store, on its member or consumer, and both CAs are trusted. */
export function isBetweenCas(desired: DesiredCluster, facts: ClusterFacts): boolean {
  return (
    caPhase(desired, facts) === 'leaves' &&
    staleLeaves(desired, facts).length === 0 &&
    // One whose trust was narrowed may still have its restart before it.
    desired.members.every(({ name }) => memberTrusts(facts, name) || trustsOneCa(facts, name)) &&
    desired.members.every(({ name }) => !hasOtherLeaves(desired, facts, name)) &&
    consumersBehind(desired, facts, 'leaves').length === 0
  );
}

/** Members that are still to be restarted before the previous CA is trusted by none. */
export function wideMembers({ members }: DesiredCluster, facts: ClusterFacts): readonly string[] {
  const isOver = facts.rotation.previous === undefined;
  return members
    .map(({ name }) => name)
    .filter((name) => !(memberTrusts(facts, name) && (isOver || trustsOneCa(facts, name))));
}

/** Whether a member's files are not those of the store. */
export function hasOtherLeaves(
  { certificates }: DesiredCluster,
  { members, store }: ClusterFacts,
  name: string,
): boolean {
  const files = foundOf({ members }, name)?.pki.files;
  return certificates
    .filter(({ member }) => member === name)
    .some(
      ({ id, row }) =>
        files?.get(`${row}.crt`)?.sha256 !== store.certificates.get(id)?.certificateSha256,
    );
}

/** Consumers that do not have their certificate of the new CA yet. */
export function consumersBehind(
  desired: DesiredCluster,
  facts: ClusterFacts,
  phase: CaPhase,
): readonly DesiredConsumer[] {
  if (phase !== 'leaves') return desired.consumers;
  const stale = new Set(staleLeaves(desired, facts).map(({ consumer }) => consumer));
  return desired.consumers.filter(
    (consumer) => stale.has(consumer.name) || !consumerIsCurrent(consumer, facts),
  );
}

/** What the store does not have from the CA that signs now, for clients unless told. */
export function staleLeaves(
  desired: DesiredCluster,
  { store }: ClusterFacts,
  authority: Authority = 'client',
): readonly DesiredCertificate[] {
  const signer = caOf(store, { authority })?.fact.fingerprint256;
  return leavesOf(desired, authority).filter(({ id }) => {
    const found = store.certificates.get(id);
    return found === undefined || found.issuerFingerprint256 !== signer;
  });
}

/** What the CA of an authority signs. */
export function leavesOf(
  { certificates }: DesiredCluster,
  authority: Authority,
): readonly DesiredCertificate[] {
  return certificates.filter((one) => one.authority === authority);
}

/** Consumers that nothing reloads: only a person knows whether they have taken up what they were brought. */
export function unreloaded({ consumers }: DesiredCluster): readonly DesiredConsumer[] {
  return consumers.filter(({ reload }) => reload === undefined);
}
