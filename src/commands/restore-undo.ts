import { rollOut } from '../apply/roll-out.ts';
import { Failure } from '../failure/failure.ts';
import { keyring } from '../pki/keyring.ts';
import { describePlan } from '../plan/describe.ts';
import { mayHaveServed, planPutBack } from '../plan/put-back.ts';
import { typedPhrase } from './ask.ts';
import { showFor } from './carry-out.ts';
import { changeOf } from './change.ts';
import { withOperation } from './operation.ts';
import { refuseForeign } from './refuse-foreign.ts';
import type { RestoreArguments } from './restore.ts';
import { lookAtHalfRestored } from './restore-carry-out.ts';

/** Takes an unfinished restore back: former data and configuration return, and run where they ran. */
export async function undoRestore(args: RestoreArguments): Promise<void> {
  const options = { ...args, acceptUnreachable: true, command: 'restore-undo' };
  await withOperation(options, async (operation) => {
    const { desired, hosts, store, stop, unreachable } = operation;
    await operation.observe(() => refuseForeign(operation, args));
    const half = await operation.observe(() => lookAtHalfRestored(operation));
    const plan = planPutBack(desired, half);
    if (plan.waves.length === 0) throw nothingToUndo(desired.paths.data);
    for (const [name, { message }] of unreachable) {
      console.error(`warning: ${name} is left as it is: ${message}`);
    }
    if (!args.json) console.log(describePlan(plan));
    if (mayHaveServed(desired, half)) {
      console.error(
        'the restored cluster has had quorum, or may have had: what was written since moves aside',
      );
    }
    if (args.yesRestore !== desired.name) {
      await typedPhrase(`undo ${desired.name}`, `--yes-restore ${desired.name}`, stop);
    }
    const now = new Date();
    const site = {
      ...{ desired, hosts, store, stop, keyring: keyring(now) },
      ...{ now, timeout: args.timeout },
    };
    await operation.change(changeOf(plan), () => rollOut(plan, site, showFor(args)));
    console.log(
      args.json
        ? JSON.stringify({ cluster: desired.name, undone: [...half.keys()] })
        : `${desired.name}: the restore is taken back`,
    );
  });
}

function nothingToUndo(data: string): Failure {
  return new Failure('refused', 'no restore is unfinished on the hosts that answer', {
    next: `former data lies in ${data}.aside-<time> on each; to go back to it, down the cluster and rename the directories on every member alike`,
  });
}
