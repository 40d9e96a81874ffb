import { dirname, resolve } from 'node:path';
import { Failure } from '../../failure/failure.ts';
import { readInventory } from '../../inventory/read.ts';
import type { Refusal } from '../../plan/plan.ts';
import { INVENTORY, provision } from '../../problem/remedy.ts';
import { commandText } from '../../problem/render.ts';
import { progressLine } from '../../report/progress-line.ts';
import { savedText } from '../../report/snapshot-text.ts';
import { onInterruption } from '../../run/interruption.ts';
import { refuseForeign } from '../../run/refuse-foreign.ts';
import { withSession } from '../../run/session.ts';
import { snapshotDirectory } from '../../snapshot/directory.ts';
import { saveSnapshot } from '../../snapshot/save.ts';
import type { ArgumentsOf } from '../command.ts';
import { lockFor } from './key.ts';
import type { snapshotSaveOptions } from './options.ts';

/** Takes a snapshot of the cluster to this machine. */
export async function snapshotSave(args: ArgumentsOf<typeof snapshotSaveOptions>): Promise<void> {
  await readInventory(args.inventory);
  const lock = await lockFor(args);
  await withSession({ ...args, needs: 'any-host' }, async (session) => {
    const { inventory, desired, hosts } = session;
    const mismatches = await refuseForeign(session, args);
    if (mismatches.length > 0) {
      const told = mismatches.map(({ sentence }) => sentence).join('; ');
      console.error(`warning: ${told}; the snapshot is of the cluster that runs`);
    }
    const directory = snapshotDirectory(inventory, dirname(resolve(args.inventory)), args.out);
    const progress = progressLine(`${desired.name}: snapshot`);
    const began = performance.now();
    // What has come so far must go again, here and on the member.
    const stopping = new AbortController();
    const ignoreInterruption = onInterruption((failure) => stopping.abort(failure));
    const saved = await saveSnapshot(desired, hosts, {
      directory,
      keepOnHost: args.keepOnHost,
      member: args.member,
      compared: true,
      lock,
      now: new Date(),
      onSource: ({ host, because, hasQuorum, trouble }) => {
        if (!args.json)
          console.error(`${desired.name}: will take it from ${host.name}, because ${because}`);
        if (trouble !== undefined)
          console.error(
            `warning: ${trouble}; ${commandText(provision('doctor', INVENTORY), args.inventory)} says more`,
          );
        if (!hasQuorum)
          console.error(
            `warning: ${host.name} has no quorum; what the others acknowledged last may be missing`,
          );
      },
      onBytes: progress.show,
      signal: stopping.signal,
    })
      .catch((error: unknown) => {
        throw withWayBack(error, mismatches);
      })
      .finally(() => {
        ignoreInterruption();
        progress.clear();
      });
    const seconds = (performance.now() - began) / 1000;
    console.log(
      args.json
        ? JSON.stringify({ path: saved.path, ...saved.record, seconds })
        : savedText(saved, seconds),
    );
  });
}

/** The failure of a snapshot, which a wrong inventory explains: certificates or listeners are not where it says. */
function withWayBack(error: unknown, [mismatch]: readonly Refusal[]): unknown {
  if (!(error instanceof Failure) || mismatch === undefined) return error;
  if (error.reason === 'interrupted') return error;
  const { reason, message, log } = error;
  return new Failure(reason, message, { next: mismatch.next, log, cause: error });
}
