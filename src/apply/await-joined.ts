import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { sh } from '../shell/command.ts';
import { awaitReady, NotReady } from './await-ready.ts';
import { recordLogIfPossible } from './record-log.ts';
import type { StepContext } from './step-context.ts';

/** Times the seconds that a member has to start: five minutes of the usual two. */
const PATIENCE = 2.5;
/** Looks at what it has received while a member is waited for. */
const LOOKS = 10;

/** Seconds a member that joins may make no progress. */
export function learnerPatience({ timeout }: Pick<StepContext, 'timeout'>): number {
  return timeout * PATIENCE;
}

/**
 * Waits until a member that has just been added is ready: it first receives all that the cluster holds, which takes as long
 * as it takes. Throws NotReady when its unit fails, or when what it has on its disk has not changed for too long.
 */
export async function awaitJoined(
  host: Host,
  unit: string,
  site: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const { paths } = site.desired;
  const slice = Math.max(1, Math.ceil(learnerPatience(site) / LOOKS));
  let seen = '';
  for (let idle = 0; ; ) {
    try {
      await awaitReady(host, { unit, wal: paths.wal, emptyStart: true }, slice, signal);
      return await recordLogIfPossible(host, site.desired, host.name);
    } catch (error) {
      if (!(error instanceof NotReady) || error.how !== 'hangs') throw error;
      const now = await received(host, paths.data);
      idle = now === seen ? idle + 1 : 0;
      seen = now;
      if (idle >= LOOKS)
        throw new NotReady(
          `${host.name}: has joined and received nothing for ${learnerPatience(site)} s`,
          'hangs',
        );
    }
  }
}

/** What tells whether a member receives something: the sizes of its log, its snapshots and its database. */
async function received(host: Host, data: string): Promise<string> {
  const { stdout } = await must(
    host,
    'see what it has received',
    sh`find ${data} -type f -printf '%P %s %T@\n' | sort | sha256sum`,
  );
  return stdout;
}
