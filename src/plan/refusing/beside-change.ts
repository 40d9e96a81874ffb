import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { INVENTORY, type Offered, provision, remedy } from '../../problem/remedy.ts';
import { rotationState } from '../certificates/rotation-state.ts';
import type { Refusal } from '../plan.ts';
import { finishesPeerChange, type Peers, peerChange, type Seen } from '../switching/peer-change.ts';
import { protocolWitnesses } from '../switching/protocol.ts';

/** What changes trust or protocol does not begin beside a change of trust that is not over. */
export function besideTrustChange(
  desired: Peers & Pick<DesiredCluster, 'name'>,
  facts: Seen,
): readonly Refusal[] {
  return [...besideRotation(desired, facts), ...besidePeerChange(desired, facts)];
}

/** While a rotation of the CA of clients is under way. */
export function besideRotation(
  { name }: Pick<DesiredCluster, 'name'>,
  facts: Pick<Seen, 'store' | 'rotation'>,
): readonly Refusal[] {
  if (rotationState(facts) === undefined) return [];
  return [
    {
      kind: 'beside-rotation',
      about: [],
      sentence: `${name}: a rotation of the CA of clients is under way, and one change of trust at a time can be undone`,
      next: endsRotation(facts),
    },
  ];
}

/** While the CA of the peers is being changed. */
export function besidePeerChange(
  desired: Peers & Pick<DesiredCluster, 'name'>,
  facts: Seen,
): readonly Refusal[] {
  const change = peerChange(desired, facts);
  if (change === undefined) return [];
  return [
    {
      kind: 'beside-peer-change',
      about: [],
      sentence: `${desired.name}: a change of the CA of the peers is under way, and one change of trust at a time can be undone`,
      next: [remedy`finish it first: ${finishesPeerChange(change)}`],
    },
  ];
}

/** What brings a rotation of the CA of clients to its end, from where it stands. */
function endsRotation({
  rotation: { next, previous, record },
}: Pick<Seen, 'rotation'>): readonly Offered[] {
  const goOn = provision('certs', 'rotate-ca', INVENTORY);
  const finish = provision('certs', 'rotate-ca', INVENTORY, '--finish');
  const abort = provision('certs', 'rotate-ca', INVENTORY, '--abort');
  const hasSigned = next === undefined;
  return [
    hasSigned
      ? remedy`once clients have followed, end it first: ${finish}`
      : remedy`end it first: ${goOn}; then, once clients have followed: ${finish}`,
    ...(record?.back === true || (hasSigned && previous?.hasKey === false)
      ? []
      : [
          hasSigned
            ? remedy`go back first: ${abort}; then: ${finish}`
            : remedy`go back first: ${abort}`,
        ]),
  ];
}

/** Why there is nothing to change about a CA where the inventory says http, which need not be what the members speak. */
export function withoutTls(
  { name }: Pick<DesiredCluster, 'name'>,
  facts: Pick<ClusterFacts, 'members'>,
  so: string,
): readonly Refusal[] {
  const seen = protocolWitnesses(facts);
  if (seen.length > 0 && seen.every(({ protocol }) => protocol === 'https'))
    return [
      {
        kind: 'protocol-changed',
        about: [],
        sentence: `${name}: the inventory says http, but the cluster speaks https`,
        next: [remedy`put protocol: https into the inventory, then run the same command again`],
      },
    ];
  return [
    {
      kind: 'no-tls',
      about: [],
      sentence: `${name}: speaks http, so ${so}`,
      next: [remedy`switch to https first: ${provision('migrate', INVENTORY, '--to', 'https')}`],
    },
  ];
}
