import type { DesiredCluster } from '../../desired/cluster.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';

/** Why nothing is done to a member that the inventory does not have. */
export function noMember(
  { name, members }: Pick<DesiredCluster, 'name' | 'members'>,
  given: string,
): Refusal {
  return {
    ...{ kind: 'no-member', about: [given], sentence: `${name} has no member ${given}` },
    next: [remedy`name one of ${members.map((one) => one.name).join(', ')}`],
  };
}
