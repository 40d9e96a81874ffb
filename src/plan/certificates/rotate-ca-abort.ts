import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { bringToConsumer } from '../consumers.ts';
import { planOf } from '../make-plan.ts';
import type { Plan, Wave } from '../plan.ts';
import { namesOf } from '../waves.ts';
import { memberTrusts } from './ca-phase.ts';
import { trustsOneCa } from './narrowed.ts';
import { inStore, newLeaves, restartForTrust } from './rotate-ca-waves.ts';

/**
 * Goes back to the CA from before the rotation. One that has not signed yet is set aside; one that has is exchanged for the
 * old one in the same order as before, so that both stay trusted until somebody agrees that trust in it ends.
 */
export function abortWaves(desired: DesiredCluster, facts: ClusterFacts): readonly Wave[] {
  const { next, previous, record } = facts.rotation;
  if (next !== undefined && previous === undefined) {
    // A member that does not have the new CA yet needs no restart.
    const unsettled = namesOf(desired).filter((name) => hasNewCa(facts, name));
    return [
      inStore('give up the new CA', [
        { kind: 'drop-next-ca', because: 'it has signed nothing that is in use' },
      ]),
      ...restartForTrust(desired, facts, unsettled, { purpose: 'trust the old CA only' }),
      ...desired.consumers.map((one) =>
        bringToConsumer(one, facts, 'it is to trust the old CA only'),
      ),
    ];
  }
  const narrowed = namesOf(desired).filter(
    (name) => trustsOneCa(facts, name) || !memberTrusts(facts, name),
  );
  return [
    inStore('go back to the old CA', [
      ...(record?.consent === undefined
        ? []
        : [{ kind: 'withdraw-consent', because: 'both CAs stay trusted' } as const]),
      { kind: 'turn-round-ca', because: 'the rotation is aborted' },
    ]),
    ...restartForTrust(desired, facts, narrowed, { purpose: 'trust both CAs' }),
    ...newLeaves(desired, facts, 'old'),
    ...desired.consumers.map((one) =>
      bringToConsumer(one, facts, 'its certificate comes from the old CA again'),
    ),
  ];
}

/** Whether a member was brought the next CA, or runs with it. */
function hasNewCa(facts: ClusterFacts, name: string): boolean {
  const single = { ...facts, rotation: { ...facts.rotation, next: undefined } };
  return !memberTrusts(single, name);
}

/** Somebody was rejected while trust was narrowed: the consent is withdrawn, and members that trust one CA trust both again. */
export function widenAgain(desired: DesiredCluster, facts: ClusterFacts): Plan {
  const { previous, record } = facts.rotation;
  if (previous === undefined || record?.consent === undefined) return planOf(desired, []);
  const narrowed = namesOf(desired).filter((name) => trustsOneCa(facts, name));
  const waves = [
    inStore('withdraw the consent', [
      { kind: 'withdraw-consent', because: 'a client was rejected; both CAs stay trusted' },
    ]),
    ...restartForTrust(desired, facts, narrowed, { purpose: 'trust both CAs' }),
  ];
  return planOf(desired, waves);
}
