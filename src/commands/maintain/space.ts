import { planFor } from '../../plan/intent.ts';
import type { ArgumentsOf } from '../command.ts';
import { keepHouse } from './keep-house.ts';
import type { maintainSpaceOptions } from './options.ts';

/** Brings a cluster that is full back: compacts, defragments one by one, disarms, and proves a write. */
export async function maintainSpace(args: ArgumentsOf<typeof maintainSpaceOptions>): Promise<void> {
  const { keep, timeout: seconds, allowDowntime } = args;
  await keepHouse(args, {
    command: 'maintain-space',
    plan: ({ desired }, facts) =>
      planFor(desired, facts, { kind: 'free-space', keep, seconds, allowDowntime }),
    provesWrite: true,
  });
}
