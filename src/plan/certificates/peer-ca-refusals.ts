import type { DesiredCluster } from '../../desired/cluster.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';

/** A change of what peers trust is a rotation of its own; nothing else makes one on the way. */
export function peerCaIsKept({ name, otherPeerCa }: DesiredCluster): readonly Refusal[] {
  if (otherPeerCa === undefined) return [];
  return otherPeerCa === 'separate'
    ? [
        {
          kind: 'peer-ca-changed',
          about: [],
          sentence: `${name}: the inventory says pki.peerCa: separate, but the cluster is shared: peers trust the CA that clients have too`,
          next: [
            remedy`give the peers a CA of their own: ${provision('certs', 'rotate-ca', INVENTORY, '--split')}`,
            remedy`put back pki.peerCa: shared`,
          ],
        },
      ]
    : [
        {
          kind: 'peer-ca-changed',
          about: [],
          sentence: `${name}: the inventory says pki.peerCa: shared, but the cluster is separate: peers trust a CA of their own`,
          next: [
            remedy`put back pki.peerCa: separate; with one CA for both, every client could act as a member`,
          ],
        },
      ];
}
