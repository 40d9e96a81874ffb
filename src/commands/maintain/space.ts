import { planFor } from '../../plan/intent.ts';
import { needsBut } from '../../run/needs.ts';
import type { ArgumentsOf } from '../command.ts';
import { keepHouse } from './keep-house.ts';
import { type maintainSpaceOptions, patienceWords } from './options.ts';

/** Brings a cluster that is full back: compacts, defragments one by one, disarms, and proves a write. */
export async function maintainSpace(args: ArgumentsOf<typeof maintainSpaceOptions>): Promise<void> {
  const { keep, timeout: seconds, allowDowntime, without: away } = args;
  await keepHouse(args, {
    command: 'maintain-space',
    needs: needsBut(away),
    away: {
      command: [
        ...['maintain', 'space', ...(keep === 0 ? [] : ['--keep', `${keep}`])],
        ...patienceWords(args),
      ],
    },
    plan: ({ desired }, facts) =>
      planFor(desired, facts, { kind: 'free-space', keep, seconds, allowDowntime, away }),
    // Where members that are full had to be left so, the alarm stands, and nobody can write.
    provesWrite: (plan) => (plan.left ?? []).every(({ name }) => away?.includes(name)),
  });
}
