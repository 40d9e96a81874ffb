import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { MembershipStepOf } from '../plan/membership-step.ts';
import { sh } from '../shell/command.ts';
import { moveAside } from './move-aside.ts';
import type { StepContext } from './step-context.ts';

type Retirement = MembershipStepOf<'retire-host'>;

const FOREIGN = 3;

/**
 * Stops and disables what is left of a removed member, and moves its data aside. The cluster is complete without it, so a
 * host that cannot be reached, or whose unit is another member's, only leaves a note with what to type there later.
 */
export async function retireHost(step: Retirement, site: StepContext): Promise<void> {
  const left = await whatIsLeft(step, site);
  if (left === undefined) return;
  const { member, address, unit, data } = step;
  console.error(
    `note: ${member} is out of the cluster; its host ${address} was left as it is: ${left}\n  later, on that host: systemctl disable --now ${unit}; mv ${data} ${data}.removed`,
  );
}

async function whatIsLeft(step: Retirement, site: StepContext): Promise<string | undefined> {
  const { member, address } = step;
  if (site.reach === undefined) return 'there is no connection to it';
  const host = await site.reach({ name: member, address });
  if (host instanceof Failure) return host.message;
  try {
    return await retire(host, step, site);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  } finally {
    await host.close();
  }
}

async function retire(
  host: Host,
  { member, unit, unitFile, data }: Retirement,
  { desired }: StepContext,
): Promise<string | undefined> {
  const head = `# provision: cluster ${desired.name}, member ${member}`;
  const stopped = await host.run(
    sh`grep -qxF ${head} ${unitFile} || exit ${FOREIGN}
systemctl disable --now ${unit}.service`,
    { deadline: 150 },
  );
  if (stopped.exitCode === FOREIGN) return `${unitFile} is not that of ${member}`;
  if (stopped.exitCode !== 0) return stopped.stderr.trim();
  await moveAside(host, data);
  return undefined;
}
