import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { bringToConsumer, consumerTrusts } from '../consumers.ts';
import { allWell } from '../gate.ts';
import { onHost, stepsOf } from '../lane.ts';
import { leftovers } from '../leftovers.ts';
import type { Wave } from '../plan.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf } from '../waves.ts';
import { caPhase, wideMembers } from './ca-phase.ts';
import { type CaRotationOptions, WINDOW } from './rotate-ca-options.ts';
import { inStore, probeListeners, restartForTrust } from './rotate-ca-waves.ts';

/**
 * Ends the trust in the CA that does not sign any more: consent first, then member by member. Each is watched for a while
 * and put back when it rejects clients; the store gives the old CA up only when every member did without it.
 */
export function finishWaves(
  desired: DesiredCluster,
  facts: ClusterFacts,
  options: Pick<CaRotationOptions, 'by' | 'window' | 'accepted'>,
): readonly Wave[] {
  const isOver = caPhase(desired, facts) !== 'leaves';
  const { record } = facts.rotation;
  const [kept, former] = record?.back === true ? ['old', 'new'] : ['new', 'old'];
  const { by = '', window = WINDOW, accepted = [] } = options;
  const untold = desired.consumers.filter((one) => !isOver || !consumerTrusts(one, facts));
  const gone = leftovers(desired, facts);
  const wide = wideMembers(desired, facts);
  const narrowed = namesOf(desired).filter((name) => !wide.includes(name));
  return [
    ...(isOver
      ? []
      : [
          probeListeners(
            desired,
            `see that nobody shows the ${former} CA any more`,
            'new-leaves-served',
          ),
          ...(record?.consent === undefined
            ? [
                inStore('record the consent', [
                  {
                    kind: 'record-consent',
                    by,
                    because: `clients of the ${former} CA are refused then`,
                  },
                ]),
              ]
            : []),
        ]),
    ...restartForTrust(desired, facts, wide, {
      purpose: `trust the ${kept} CA only`,
      trust: 'signing',
      watch: { window, accepted },
    }),
    ...(isOver ? [] : watchNarrowed(desired, narrowed, { window, accepted })),
    ...(isOver
      ? []
      : [
          inStore(`end the trust in the ${former} CA`, [
            { kind: 'retire-ca', because: 'no member trusts it any more' },
            ...(gone.length > 0
              ? [
                  {
                    kind: 'remove-certificates',
                    certificates: gone,
                    because: 'the inventory does not name them, and nobody accepts them any more',
                  } as const,
                ]
              : []),
          ]),
        ]),
    ...untold.map((consumer) =>
      bringToConsumer(consumer, facts, `it is to trust the ${kept} CA only`),
    ),
    ...[
      probeListeners(desired, `see that the ${former} CA is refused`, 'former-ca-refused'),
    ].filter(({ lanes }) => stepsOf(lanes).length > 0),
    inStore('record that the rotation is over', [
      { kind: 'record-proof', because: `every member refuses the ${former} CA` },
    ]),
  ];
}

/** Members whose trust a run narrowed that was killed then: nobody may have read whom they reject. */
function watchNarrowed(
  { unit }: DesiredCluster,
  names: readonly string[],
  watch: { readonly window: number; readonly accepted: readonly string[] },
): readonly Wave[] {
  const because = 'a run that ended early may not have read it';
  const lanes = names.map((member) =>
    onHost(member, [{ kind: 'watch-clients', member, unit, ...watch, because }]),
  );
  return unnoticed('see which clients they reject', lanes, allWell(names));
}
