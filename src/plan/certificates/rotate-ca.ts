import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { bringToConsumer } from '../consumers.ts';
import { withShared } from '../leftovers.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal, Wave } from '../plan.ts';
import {
  type CaPhase,
  caPhase,
  consumersBehind,
  goesBack,
  isUnproven,
  leavesOf,
  staleLeaves,
  unreloaded,
} from './ca-phase.ts';
import { forgetKeys } from './certificates.ts';
import { issuingRefusals } from './clocks.ts';
import { hostKeyRefusals } from './host-key-refusals.ts';
import { abortWaves } from './rotate-ca-abort.ts';
import { finishWaves } from './rotate-ca-finish.ts';
import type { CaRotationOptions } from './rotate-ca-options.ts';
import { caRotationRefusals, stageRefusals } from './rotate-ca-refusals.ts';
import { finishLeaves, makeNext, newLeaves, tryLeaf, widenTrust } from './rotate-ca-waves.ts';

/**
 * Decides what is left of a rotation of the CA. Members read CA files only at their start, so trust is widened and
 * narrowed by restarts, one by one; leaves change in between without any (etcd-facts §2). With both CAs trusted and the
 * new leaves out it stops: clients have to follow, and only a person knows when they have. Planning again resumes a
 * killed run, since the phase is seen in the store and on the hosts.
 */
export function planCaRotation(
  named: DesiredCluster,
  facts: ClusterFacts,
  options: CaRotationOptions,
): Plan {
  const desired = withShared(named, facts);
  const unfit = [
    ...caRotationRefusals(desired, facts, options),
    ...stageRefusals(desired, facts, options),
    ...unconfirmed(desired, facts, options),
  ];
  const refusals = unfit.length > 0 ? unfit : keyless(desired, facts);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const waves = wavesOf(desired, facts, options);
  const untimely = issuingRefusals(desired, facts, waves);
  return untimely.length > 0 ? refusedPlan(desired, untimely) : planOf(desired, waves);
}

function wavesOf(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: CaRotationOptions,
): readonly Wave[] {
  if (options.abort === true && !goesBack(facts)) return abortWaves(desired, facts);
  const phase = caPhase(desired, facts);
  if (options.finish === true && phase === 'none' && !isUnproven(facts.rotation)) return [];
  if (options.finish === true || phase === 'drop') return finishWaves(desired, facts, options);
  return forward(desired, facts, options);
}

/** Both CAs trusted, then leaves of the new one. */
function forward(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: CaRotationOptions,
): readonly Wave[] {
  const phase = caPhase(desired, facts);
  const stops = unreloaded(desired).length > 0;
  const widens = phase === 'none' || phase === 'trust';
  const first: readonly Wave[] = [
    ...(phase === 'none' ? [makeNext(desired)] : []),
    ...(phase === 'sign' ? [] : widenTrust(desired, facts, phase)),
  ];
  if (widens && stops) return first;

  const behind = consumersBehind(desired, facts, phase);
  return [
    ...first,
    ...(widens || phase === 'sign'
      ? [
          ...(goesBack(facts) ? [] : tryLeaf(desired, facts, options)),
          ...newLeaves(desired, facts, goesBack(facts) ? 'old' : 'new'),
        ]
      : finishLeaves(desired, facts)),
    ...behind.map((consumer) =>
      bringToConsumer(consumer, facts, 'its certificate comes from the new CA'),
    ),
    ...forgetKeys(desired, facts),
  ];
}

/** Hosts that cannot make the keys of leaves that are still to come. */
function keyless(desired: DesiredCluster, facts: ClusterFacts): readonly Refusal[] {
  const phase = caPhase(desired, facts);
  if (phase === 'drop') return [];
  const due = phase === 'leaves' ? staleLeaves(desired, facts) : leavesOf(desired, 'client');
  return hostKeyRefusals(desired, facts, new Set(due.map(({ id }) => id)));
}

/** The next CA must not sign before every consumer has taken up what it was brought. */
function unconfirmed(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { consumersReady, abort }: CaRotationOptions,
): readonly Refusal[] {
  const phase: CaPhase = caPhase(desired, facts);
  if (phase !== 'sign' || consumersReady || abort === true) return [];
  return unreloaded(desired).map(({ name, directory }) => ({
    kind: 'consumer-unconfirmed',
    about: [name],
    sentence: `${name}: nothing tells whether it has taken up the certificates and CAs in ${directory}`,
    next: [
      remedy`reload or restart it, then: ${provision('certs', 'rotate-ca', INVENTORY, '--consumers-ready')}`,
    ],
  }));
}
