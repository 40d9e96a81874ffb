import { remedies } from '../../plan/refusing/remedies.ts';
import type { Proposal } from '../../problem/problem.ts';

/**
 * The diagnoses, and beside them a member whose process ended when its keys were read: systemd has started it again, it
 * answers, and ends at the next read of what is damaged. Where something else is told of it, that is the end of this process.
 */
export function withUnreadable(
  diagnoses: readonly Proposal[],
  member: string | undefined,
): readonly Proposal[] {
  if (member === undefined || diagnoses.some(({ about }) => about.includes(member)))
    return diagnoses;
  return [
    ...diagnoses,
    {
      kind: 'database-unreadable',
      about: [member],
      sentence:
        'its etcd process ended when its keys were read to compare them, and was started again: its database (member/snap/db) is damaged, unless somebody stopped it then',
      evidence: [],
      next: [remedies.replaceAllTheSame(member)],
    },
  ];
}
