import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observedConsumers } from '../../observed/consumers.ts';
import { namesFor } from '../../pki/desired-certificate.ts';
import { INVENTORY, type Next, provision, remedy } from '../../problem/remedy.ts';
import { decide } from '../decision.ts';
import { driftRefusals } from '../drift.ts';
import type { Refusal } from '../plan.ts';
import { downtimeRefusals, notAnsweringRefusals } from '../policy.ts';
import { besidePeerChange, withoutTls } from '../refusing/beside-change.ts';
import { spaceRefusals } from '../refusing/space-refusals.ts';
import { caPhase, goesBack, isBetweenCas } from './ca-phase.ts';
import { whyNotSigner, withoutMisfit } from './ca-refusals.ts';
import { endsWithoutConsent } from './consent.ts';
import { misplacedKeys } from './host-key-refusals.ts';

/** Why a rotation cannot be brought on as it was asked for, from how far it has come; empty when it can. */
export function stageRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { finish, abort }: { readonly finish?: boolean; readonly abort?: boolean },
): readonly Refusal[] {
  if (desired.ca === undefined) return [];
  const { rotation } = facts;
  const phase = caPhase(desired, facts);
  const refuse = (sentence: string, next: Next) => [
    { kind: 'rotation-stage', about: [], sentence: `${desired.name}: ${sentence}`, next },
  ];
  if (finish === true && abort === true)
    return refuse('--finish and --abort exclude each other', [remedy`give one of them`]);
  const ended = finish === true ? [] : endsWithoutConsent(desired, facts);
  if (ended.length > 0) return ended;
  if (abort === true) {
    if (phase === 'none')
      return refuse('no rotation of the CA is under way', [remedy`nothing is to be done`]);
    if (phase === 'drop')
      return refuse('the old CA is given up already; there is nothing to go back to', [
        remedy`end the rotation: ${provision('certs', 'rotate-ca', INVENTORY, '--finish')}; then begin another one`,
      ]);
    if (rotation.previous?.hasKey === false && !goesBack(facts))
      return refuse('the key of the old CA is not in the store, so it can sign nothing any more', [
        remedy`put it to ${facts.store.directory}/previous-ca/ca.key, or go on with the new CA`,
      ]);
    const unfit = goesBack(facts) ? undefined : whyNoReturn(desired, facts);
    if (unfit !== undefined)
      return refuse(`the old CA can sign nothing any more: ${unfit}`, [
        remedy`go on with the new CA: ${provision('certs', 'rotate-ca', INVENTORY, '--finish')}, once clients have followed`,
      ]);
  }
  if (finish === true) {
    if (phase === 'none' && rotation.retired.length === 0)
      return refuse('no rotation of the CA is under way', [
        remedy`begin one: ${provision('certs', 'rotate-ca', INVENTORY)}`,
      ]);
    if (phase !== 'none' && phase !== 'drop' && !isBetweenCas(desired, facts))
      return refuse('the new certificates are not out everywhere yet', [
        remedy`first: ${provision('certs', 'rotate-ca', INVENTORY)}`,
      ]);
  }
  return [];
}

/** Why the CA that signed before cannot sign again; undefined when it can, or has not ceased to. */
function whyNoReturn(
  { certificates }: DesiredCluster,
  { rotation: { previous }, now }: ClusterFacts,
): string | undefined {
  return previous && whyNotSigner(previous, namesFor('client', certificates), now);
}

/** Why a rotation of the CA must not begin or go on now; empty when it may. */
export function caRotationRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { allowDowntime, abort }: { readonly allowDowntime: boolean; readonly abort?: boolean },
): readonly Refusal[] {
  if (desired.ca === undefined) return withoutTls(desired, facts, 'there is no CA to rotate');
  const notAnswering = notAnsweringRefusals(desired, facts, 'a rotation of the CA', [
    remedy`bring it back first: ${provision('doctor', INVENTORY)}; expired leaves: ${provision('certs', 'rotate', INVENTORY)}`,
  ]);
  const options = { allowDowntime, endsTrust: true };
  const decision = decide(desired, abort === true ? withoutMisfit(facts) : facts, options);
  const few = downtimeRefusals(desired, facts, { allowDowntime }, 'each of two restarts');
  const absent = observedConsumers(desired, facts)
    .filter(({ found }) => found === undefined)
    .map(({ name }) => ({
      kind: 'consumer-unreachable',
      about: [name],
      sentence: `${name}: cannot be reached; a consumer that does not learn of the new CA would distrust every member`,
      next: [remedy`bring it back, or take it out of the inventory`],
    }));
  return [
    ...besidePeerChange(desired, facts),
    ...absent,
    ...notAnswering,
    ...decision.refusals,
    ...spaceRefusals(desired, facts),
    ...misplacedKeys(desired, facts),
    ...driftRefusals(decision),
    ...few,
  ];
}
