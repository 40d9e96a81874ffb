import { tryProgram, UNFIT, unfit } from '../../binaries/trial.ts';
import type { Host } from '../../host/host.ts';
import { HostError } from '../../host/host-error.ts';
import type { Handover } from '../../plan/handover.ts';
import type { HostStep } from '../../plan/step.ts';
import { type Command, lines, sh } from '../../shell/command.ts';
import type { StepContext } from '../step-context.ts';
import { checkV2, LEFT_OF_V2, leftOfV2 } from './check-v2.ts';
import { beforeMoves, COPYING, movePlaces } from './move-places.ts';
import { start, startAndWait } from './start.ts';
import { type Tried, unlessTried } from './trials.ts';

type Start = Extract<HostStep, { readonly kind: 'start-unit' | 'restart-unit' }>;

/** Starts a unit once its program has shown that it runs and is the one expected. Throws a Failure; then nothing was started. */
export async function startUnit(host: Host, step: Start): Promise<void> {
  const { moves = [] } = step;
  const act = lines([
    beforeMoves(moves),
    movePlaces(moves),
    ...checked(step),
    start(step.unit, step.emptyStart),
  ]);
  await afterTrial(host, `start ${step.unit}.service`, step, act);
}

/**
 * Stops a unit and starts it again, once the program has shown that it runs and is the one expected, right before or by a
 * trial of that very file beside what went before: it may have been replaced since it was looked at. Throws a Failure; where
 * the program is not that one, nothing was stopped.
 */
export async function restartUnit(
  host: Host,
  step: Start,
  { trials, stopping }: Pick<StepContext, 'trials' | 'stopping'> = {},
): Promise<void> {
  const tried = step.program && (await trials?.of(host.name, step.program));
  stopping?.();
  // Stopped first and waited for: while a queued restart has not begun, systemd still calls the old process active.
  const { moves = [] } = step;
  const act = lines([
    beforeMoves(moves),
    sh`systemctl stop ${step.unit}.service || exit`,
    movePlaces(moves),
    ...(step.kind === 'restart-unit' && step.handover ? [handOver(step.handover)] : []),
    ...checked(step),
    startAndWait(step.unit, step.emptyStart),
  ]);
  await afterTrial(host, `restart ${step.unit}.service`, step, act, tried);
}

/** Gives data and keys to an account: nobody reads or writes them meanwhile. Where a path is a link, what it leads to is meant. */
function handOver({ account, data, log, pki }: Handover): Command {
  return sh`chown -R ${account}:${account} ${log === undefined ? [`${data}/.`] : [`${data}/.`, `${log}/.`]} || exit
if [ -d ${pki} ]; then
  chgrp ${account} ${pki}/. && find ${pki}/ -maxdepth 1 -name '*.key' -exec chown ${account}:${account} '{}' + || exit
fi`;
}

function checked({ v2Check }: Start): readonly Command[] {
  return v2Check === undefined ? [] : [checkV2(v2Check)];
}

async function afterTrial(
  host: Host,
  purpose: string,
  { program, moves }: Start,
  act: Command,
  tried?: Tried,
): Promise<void> {
  const trial =
    program && unlessTried(tried, program.path, tryProgram(sh`${program.path}`, program));
  const result = await host.run(lines([...(trial ? [trial] : []), act]), {
    deadline: moves === undefined ? 150 : COPYING,
  });
  if (result.exitCode === UNFIT && program !== undefined)
    throw unfit(host.name, program.path, program.version, result.stdout);
  if (result.exitCode === LEFT_OF_V2) throw leftOfV2(host.name, result);
  if (result.exitCode !== 0) throw new HostError(host.name, purpose, result);
}
