import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { planCluster } from './cluster.ts';
import { misplacedKeys } from './host-key-refusals.ts';
import type { Refusal } from './plan.ts';
import { strangeSteps } from './rotate.ts';

/** Why a rotation of the CA must not begin or go on now; empty when it may. */
export function caRotationRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { allowDowntime }: { readonly allowDowntime: boolean },
): readonly Refusal[] {
  if (desired.ca === undefined) {
    return [
      {
        sentence: `${desired.name}: speaks http, so there is no CA to rotate`,
        next: 'switch to https first: provision migrate INVENTORY --to https',
      },
    ];
  }
  const silent = desired.members.flatMap(({ name }) => {
    const etcd = facts.members.get(name)?.etcd;
    if (etcd?.healthy === true) return [];
    return [
      {
        sentence: `${name}: does not answer a linearizable read (${etcd?.complaint ?? 'no answer'}); a rotation of the CA needs every member`,
        next: 'bring it back first: provision doctor INVENTORY; expired leaves: provision certs rotate INVENTORY',
      },
    ];
  });
  const wishes = { freshToken: '', wipe: false, allowDowntime };
  const plan = planCluster(desired, facts, wishes);
  const few =
    desired.members.length > 2 || allowDowntime
      ? []
      : [
          {
            sentence: `${desired.name}: with ${desired.members.length} member${desired.members.length === 1 ? '' : 's'} each of two restarts stops all writes for some seconds`,
            next: 'accept that: add --allow-downtime',
          },
        ];
  const absent = desired.consumers.flatMap(({ name }) =>
    facts.consumers.has(name)
      ? []
      : [
          {
            sentence: `${name}: cannot be reached; a consumer that does not learn of the new CA would distrust every member`,
            next: 'bring it back, or take it out of the inventory',
          },
        ],
  );
  return [
    ...absent,
    ...silent,
    ...plan.refusals,
    ...misplacedKeys(desired, facts),
    ...strangeSteps(desired, plan),
    ...few,
  ];
}
