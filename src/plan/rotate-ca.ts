import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { caPhase, consumersBehind, staleLeaves, unreloaded } from './ca-phase.ts';
import { forgetKeys } from './certificates.ts';
import { bring } from './consumers.ts';
import { hostKeyRefusals } from './host-key-refusals.ts';
import type { Plan, Refusal, Wave } from './plan.ts';
import { caRotationRefusals } from './rotate-ca-refusals.ts';
import { finishLeaves, makeNext, narrowTrust, newLeaves, widenTrust } from './rotate-ca-waves.ts';

export interface CaRotationWishes {
  /** Consumers that nothing reloads have taken up what they were brought. */
  readonly consumersReady: boolean;
  readonly allowDowntime: boolean;
}

/**
 * Decides what is left of a rotation of the CA. Members read CA files only at their start, so trust is widened and
 * narrowed by restarts, one by one; leaves change in between without any (etcd-facts §2). Planning again resumes a
 * killed run, since the phase is seen in the store and on the hosts.
 */
export function planCaRotation(
  desired: DesiredCluster,
  facts: ClusterFacts,
  wishes: CaRotationWishes,
): Plan {
  const unfit = [
    ...caRotationRefusals(desired, facts, wishes),
    ...unconfirmed(desired, facts, wishes),
  ];
  const refusals = unfit.length > 0 ? unfit : keyless(desired, facts);
  if (refusals.length > 0) return { cluster: desired.name, waves: [], refusals };

  const phase = caPhase(desired, facts);
  const stops = unreloaded(desired).length > 0;
  const widens = phase === 'none' || phase === 'trust';
  const first: readonly Wave[] = [
    ...(phase === 'none' ? [makeNext(desired)] : []),
    ...(widens ? widenTrust(desired, facts, phase) : []),
  ];
  if (widens && stops) return { cluster: desired.name, waves: first, refusals: [] };

  const behind = phase === 'drop' ? [] : consumersBehind(desired, facts, phase);
  const second: readonly Wave[] = [
    ...first,
    ...(widens || phase === 'sign' ? newLeaves(desired, facts) : []),
    ...(phase === 'leaves' ? finishLeaves(desired, facts) : []),
    ...behind.map((consumer) => bring(consumer, 'its certificate comes from the new CA')),
    ...forgetKeys(desired, facts),
  ];
  if (behind.length > 0 && stops) return { cluster: desired.name, waves: second, refusals: [] };
  const waves = [...second, ...narrowTrust(desired, facts, phase)];
  return { cluster: desired.name, waves, refusals: [] };
}

/** Hosts that cannot make the keys of leaves that are still to come. */
function keyless(desired: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const phase = caPhase(desired, facts);
  if (phase === 'drop') return [];
  const due = phase === 'leaves' ? staleLeaves(desired, facts) : desired.certificates;
  return hostKeyRefusals(desired, facts, new Set(due.map(({ id }) => id)));
}

/** The next CA must not sign, and the old one not go, before every consumer has taken up what it was brought. */
function unconfirmed(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { consumersReady }: CaRotationWishes,
): readonly Refusal[] {
  const phase = caPhase(desired, facts);
  const waits =
    phase === 'sign' || (phase === 'leaves' && consumersBehind(desired, facts, phase).length === 0);
  if (!waits || consumersReady) return [];
  return unreloaded(desired).map(({ name, directory }) => ({
    sentence: `${name}: nothing tells whether it has taken up the certificates and CAs in ${directory}`,
    next: 'reload or restart it, then: provision certs rotate-ca INVENTORY --consumers-ready',
  }));
}
