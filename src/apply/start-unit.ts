import { type Trial, tryProgram, UNFIT, unfit } from '../binaries/trial.ts';
import type { Host } from '../host/host.ts';
import { HostError } from '../host/host-error.ts';
import type { Step } from '../plan/step.ts';
import { type Command, lines, sh } from '../shell/command.ts';
import { checkV2, LEFT_OF_V2, leftOfV2 } from './check-v2.ts';
import { start } from './start.ts';
import { memberOf, type StepContext } from './step-context.ts';

/** How a program is tried on a member's host. */
export function trialOf(member: string, { desired }: Pick<StepContext, 'desired'>): Trial {
  const { account, version } = desired;
  return { version, account, unitFile: memberOf({ desired }, member).unitFile };
}

type Start = Extract<Step, { readonly kind: 'start-unit' | 'restart-unit' }>;

/** Starts a unit once its program has shown that it runs and is the one expected. Throws a Failure; then nothing was started. */
export async function startUnit(host: Host, step: Start, site: StepContext): Promise<void> {
  const act = lines([...checked(step, site), start(step.unit, step.emptyStart)]);
  await afterTrial(host, `start ${step.unit}.service`, step, site, act);
}

/**
 * Stops a unit and starts it again, once the program has shown that it runs and is the one expected: it may have been
 * replaced since it was looked at. Throws a Failure; where the program is not that one, nothing was stopped.
 */
export async function restartUnit(host: Host, step: Start, site: StepContext): Promise<void> {
  // Stopped first and waited for: while a queued restart has not begun, systemd still calls the old process active.
  const act = lines([
    sh`systemctl stop ${step.unit}.service || exit`,
    ...checked(step, site),
    start(step.unit, step.emptyStart),
  ]);
  await afterTrial(host, `restart ${step.unit}.service`, step, site, act);
}

function checked(
  { v2Check }: Start,
  { desired }: Pick<StepContext, 'desired'>,
): readonly Command[] {
  return v2Check === undefined ? [] : [checkV2(v2Check, desired.account)];
}

async function afterTrial(
  host: Host,
  purpose: string,
  { program }: Start,
  site: StepContext,
  act: Command,
): Promise<void> {
  const trial = program && { ...trialOf(host.name, site), version: program.version };
  const tried = trial ? [tryProgram(sh`${program.path}`, trial)] : [];
  const result = await host.run(lines([...tried, act]), { deadline: 150 });
  if (result.exitCode === UNFIT && program !== undefined)
    throw unfit(host.name, program.path, program.version, result.stdout);
  if (result.exitCode === LEFT_OF_V2) throw leftOfV2(host.name, result);
  if (result.exitCode !== 0) throw new HostError(host.name, purpose, result);
}
