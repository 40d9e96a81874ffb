import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import { withoutConsent } from './narrowed.ts';

/** Members that must not be restarted with the signing CA alone before somebody has agreed to that. */
export function endsWithoutConsent(
  desired: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  const names = withoutConsent(facts);
  if (names.length === 0) return [];
  return [
    {
      kind: 'no-consent',
      about: names,
      sentence: `${desired.name}: ${names.join(', ')} still trust the old CA, which the store has given up, and the store has no record that somebody agreed to end that trust: clients with certificates of it would be cut off`,
      next: [
        remedy`once clients have followed: ${provision('certs', 'rotate-ca', INVENTORY, '--finish')}`,
      ],
    },
  ];
}
