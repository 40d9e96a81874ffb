import { guardPath } from '../../desired/guard.ts';
import { timersHeaded } from '../../desired/unit-timers.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import type { MembershipStepOf } from '../../plan/membership-step.ts';
import { sh } from '../../shell/command.ts';
import { moveAside } from '../files/move-aside.ts';
import type { StepContext } from '../step-context.ts';

type Retirement = MembershipStepOf<'retire-host'>;

const FOREIGN = 3;

/** Why a host was left as it is. */
interface Left {
  readonly why: string;
  /** Whether the unit there is another member's: then nothing is left to be typed there. */
  readonly isForeign?: boolean;
}

/**
 * Stops and disables what is left of a removed member, and moves its data aside. The cluster is complete without it, so a
 * host that cannot be reached only leaves a note with what to type there later; one whose unit is another member's is
 * named.
 */
export async function retireHost(
  step: Retirement,
  site: Pick<StepContext, 'reach'>,
): Promise<void> {
  const left = await whatIsLeft(step, site);
  if (left === undefined) return;
  const { member, address, byHand } = step;
  const later = `\n  later, on that host: ${byHand}`;
  console.error(
    `note: ${member} is out of the cluster; its host ${address} was left as it is: ${left.why}${left.isForeign === true ? '' : later}`,
  );
}

async function whatIsLeft(
  step: Retirement,
  site: Pick<StepContext, 'reach'>,
): Promise<Left | undefined> {
  const { member, address } = step;
  if (site.reach === undefined) return { why: 'there is no connection to it' };
  const host = await site.reach({ name: member, address });
  if (host instanceof Failure) return { why: host.message };
  try {
    return await retire(host, step);
  } catch (error) {
    if (error instanceof Failure) return { why: error.message };
    throw error;
  } finally {
    await host.close();
  }
}

async function retire(
  host: Host,
  { cluster, member, unit, unitFile, data, logs }: Retirement,
): Promise<Left | undefined> {
  const head = `# provision: cluster ${cluster}, member ${member}`;
  const stopped = await host.run(
    sh`grep -qsxF ${head} ${unitFile} ${guardPath(unit)} || exit ${FOREIGN}
systemctl disable --now ${unit}.service ${timersHeaded(unit, head)}`,
    { deadline: 150 },
  );
  if (stopped.exitCode === FOREIGN)
    return { why: `${unitFile} is not that of ${member}`, isForeign: true };
  if (stopped.exitCode !== 0) return { why: stopped.stderr.trim() };
  await moveAside(host, data, logs);
  return undefined;
}
