import { observed } from '../../observed/observed.ts';
import type { Decision } from '../decision.ts';
import { allWell } from '../gate.ts';
import type { Wave } from '../plan.ts';
import type { Leaving } from './leaving.ts';
import { placeOf } from './membership.ts';

/**
 * Members leave one after another, while the others answer: leadership first, then the entry in the list, then the unit and
 * the data on the host, where it can be reached.
 */
export function removeMembers(
  { desired, facts }: Decision,
  leaving: readonly Leaving[],
  among: readonly string[],
): readonly Wave[] {
  const { leader, answers } = observed(desired, facts);
  const via = (leader ?? answers[0])?.name;
  if (via === undefined) return [];
  return leaving.map(({ entry }, at) => {
    const member = entry.name || entry.id;
    const [peerUrl = ''] = entry.peerUrls;
    const because = 'the inventory does not name it any more';
    return {
      title: `remove ${member}`,
      turn: { number: at + 1, of: leaving.length },
      before: allWell(among),
      lanes: [
        {
          host: via,
          steps: [
            {
              ...({ kind: 'remove-member', member, id: entry.id } as const),
              ...{ clientUrls: entry.clientUrls, via, because },
            },
            {
              ...({ kind: 'retire-host', member, address: placeOf(peerUrl).host } as const),
              ...{ unit: desired.unit, unitFile: desired.paths.unitFile },
              ...{ data: desired.paths.data, because: 'it must not start again' },
            },
          ],
        },
      ],
      gate: allWell(among),
      undo: [],
    };
  });
}
