import { planFor } from '../../plan/intent.ts';
import type { ArgumentsOf } from '../command.ts';
import { keepHouse } from './keep-house.ts';
import type { maintainCompactOptions } from './options.ts';

/** Has the cluster forget what keys were before. */
export async function maintainCompact(
  args: ArgumentsOf<typeof maintainCompactOptions>,
): Promise<void> {
  const { keep: last, revision, timeout: seconds } = args;
  const keep = revision === undefined ? { last } : { revision };
  await keepHouse(args, {
    command: 'maintain-compact',
    needs: 'any-host',
    plan: ({ desired }, facts) => planFor(desired, facts, { kind: 'compact', keep, seconds }),
    provesWrite: false,
  });
}
