import { BOOT_ID } from '../../facts/host/boot.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { HostStep } from '../../plan/step.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { pause } from '../pause.ts';
import type { StepContext } from '../step-context.ts';

/** Seconds between the order and the reboot: the lock is given back there meanwhile. */
const DELAY = 2;
const PAUSE = 1000;
/** Seconds one question may take of a host that may go down under it. */
const PATIENCE = 10;

type RebootStep = Extract<HostStep, { readonly kind: 'reboot-host' }>;

/**
 * Reboots a host and waits until it has come up again: as another boot, and done with it. One that has rebooted since the plan
 * was made is left alone. The lock, which is in memory there, is given back before and taken again behind. Throws a Failure.
 */
export async function rebootHost(
  { bootId, seconds, words }: RebootStep,
  host: Host,
  { leave }: Pick<StepContext, 'leave'>,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = await must(host, 'ask for its boot', sh`cat ${BOOT_ID}`);
  if (stdout.trim() !== bootId) return;
  await must(
    host,
    'order its reboot',
    sh`systemd-run --quiet --on-active=${DELAY}s --timer-property=AccuracySec=100ms systemctl reboot`,
  );
  const left = await leave?.(host.name);
  const until = Date.now() + seconds * 1000;
  const asked = left?.host ?? host;
  let last: Failure | undefined;
  for (;;) {
    await pause(PAUSE, signal);
    const state = await askState(asked);
    if (!(state instanceof Failure) && state.id !== bootId && state.isUp) break;
    last = state instanceof Failure ? state : undefined;
    if (Date.now() > until) throw notBack(host.name, { bootId, seconds, words }, state, last);
  }
  await left?.rejoin();
}

interface State {
  readonly id: string;
  /** Whether systemd has started all that it starts at boot. */
  readonly isUp: boolean;
}

async function askState(host: Host): Promise<State | Failure> {
  try {
    const { stdout } = await host.run(sh`cat ${BOOT_ID}; systemctl is-system-running`, {
      deadline: PATIENCE,
    });
    const [id = '', state = ''] = stdout.trim().split('\n');
    return { id, isUp: !['', 'initializing', 'starting', 'stopping', 'offline'].includes(state) };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function notBack(
  name: string,
  { bootId, seconds, words }: Pick<RebootStep, 'bootId' | 'seconds' | 'words'>,
  state: State | Failure,
  last: Failure | undefined,
): Failure {
  const goOn = provision('reboot', INVENTORY, ...words);
  if (!(state instanceof Failure) && state.id === bootId)
    return new Failure(
      'failed',
      `${name}: did not go down within ${seconds} s after it was told to reboot`,
      {
        next: [
          remedy`see what keeps it: systemctl list-jobs and systemd-inhibit --list on ${name}; then: ${goOn}`,
        ],
      },
    );
  const how =
    state instanceof Failure
      ? `cannot be reached (${last?.message ?? state.message})`
      : 'is up, and systemd still starts services';
  return new Failure(
    'failed',
    `${name}: did not come back within ${seconds} s after its reboot: it ${how}; no other host was rebooted since`,
    {
      next: [
        remedy`see its console; once it is back the same command goes on with the others: ${goOn}`,
      ],
    },
  );
}
