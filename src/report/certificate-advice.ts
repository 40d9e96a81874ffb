import type { Failure } from '../failure/failure.ts';
import { INVENTORY, type Next, provision, remedy } from '../problem/remedy.ts';
import { nextText } from '../problem/render.ts';
import type { PlacedCertificate } from './certificate-rows.ts';

/** What helps each host that could not be asked, and what `up` does for the others; it does nothing before it has seen all. */
export function toMend(
  wrong: readonly Pick<PlacedCertificate, 'holder'>[],
  unreached: ReadonlyMap<string, Failure>,
): Next {
  const own = [...unreached.values()].flatMap(({ next }) => next);
  const first = own.filter(
    (one, at) => own.findIndex((other) => nextText([other]) === nextText([one])) === at,
  );
  if (wrong.every(({ holder }) => unreached.has(holder))) return first;
  const once =
    unreached.size === 0 ? '' : `, once ${[...unreached.keys()].join(', ')} can be reached`;
  const then = remedy`${provision('up', INVENTORY)} brings files in order${once}; ${provision('certs', 'rotate', INVENTORY)} renews`;
  return [...first, then];
}
