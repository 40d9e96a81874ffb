import { randomBytes } from 'node:crypto';
import { type Intent, planFor } from '../../plan/intent.ts';
import type { Plan } from '../../plan/plan.ts';
import { unfinishedOperations } from '../../plan/restoring/unfinished-operations.ts';
import { goesDown } from '../../plan/upgrading/under-way.ts';
import { changesToLaterMinor } from '../../plan/upgrading/upgrade-path-of.ts';
import { unfinishedReport } from '../../report/unfinished-text.ts';
import { agreed, typedPhrase } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import type { Operation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import { safetySnapshot } from '../snapshot/safety-snapshot.ts';
import type { upOptions } from './options.ts';

type UpArguments = ArgumentsOf<typeof upOptions>;

export type UpOptions = Pick<
  UpArguments,
  | 'inventory'
  | 'snapshot'
  | 'wipe'
  | 'yesWipe'
  | 'yes'
  | 'allowDowntime'
  | 'passphraseFrom'
  | 'timeout'
  | 'json'
> &
  Partial<Pick<UpArguments, 'remove' | 'limit' | 'without'>>;

/** Observes, plans, acts and verifies; with `wipe` from empty data directories. */
export async function bringUp(operation: Operation, args: UpOptions): Promise<void> {
  const { wipe, allowDowntime, remove = [], limit, without: away } = args;
  // In the end nothing may remain to be done; nobody is asked for another wipe or removal then.
  const remaining: Intent<'converge'> = { kind: 'converge', allowDowntime, limit, away };
  const freshToken = randomBytes(16).toString('hex');
  const intent: Intent<'converge'> = { ...remaining, freshToken, wipe, removes: remove };
  await changeCluster(operation, args, {
    plan: (facts) => planFor(operation.desired, facts, intent),
    remaining: (facts) => planFor(operation.desired, facts, remaining),
    confirm: async (plan, facts) => {
      await confirmed(plan, args, operation.stop);
      // What goes to the next minor version comes back by a snapshot only, as does what no machine has any more.
      const isLastCopy = (operation.desired.outgoing ?? []).length > 0 && plan.waves.length > 0;
      if (
        args.snapshot &&
        !args.wipe &&
        (isLastCopy ||
          changesToLaterMinor(operation.desired, facts) ||
          goesDown(operation.desired, facts))
      )
        await safetySnapshot(operation, args, operation.stop);
    },
    report: async (facts) =>
      unfinishedReport(unfinishedOperations(operation.desired, facts), args.inventory),
  });
}

async function confirmed(
  plan: Plan,
  { wipe, yesWipe, yes, inventory, remove = [] }: UpOptions,
  stop: AbortSignal,
): Promise<void> {
  if (!wipe) {
    if (yes) return;
    if (remove.length > 0) await typedPhrase(`remove ${remove.join(' ')}`, '--yes', stop);
    else await agreed(`Do this to ${plan.cluster}?`, stop);
    return;
  }
  if (yesWipe === plan.cluster) return;
  await typedPhrase(
    `wipe ${plan.cluster}`,
    `--yes-wipe ${plan.cluster}, if ${inventory} is really the one`,
    stop,
  );
}
