import { Failure } from '../failure/failure.ts';
import { describeStep, finalStep } from '../plan/describe.ts';
import { askedBy, type Gate } from '../plan/gate.ts';
import type { HostLane } from '../plan/lane.ts';
import type { Wave } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { narrowed, type OtherMembers, surroundings, whoDoesNotAnswer } from './roll-back-risk.ts';
import type { GateContext } from './step-context.ts';
import { isUntouched } from './untouched.ts';

/** A step that was begun on a host; one that was refused there before it did anything is none. */
export interface Started {
  /** Its host, or here. */
  readonly place: string;
  readonly kind: Step['kind'];
  /** Whether it came to its end. */
  isDone: boolean;
}

const STOPPING: ReadonlySet<Step['kind']> = new Set(['restart-unit', 'stop-unit', 'start-unit']);
const RESTARTING: ReadonlySet<Step['kind']> = new Set(['restart-unit', 'await-ready']);

/**
 * Puts the members of a wave that failed back as they were, and says what became of that. Who was not touched is left alone,
 * and who was not stopped is not restarted: the former files fit the process that runs. Members that answer with their change
 * are not restarted for another that does not answer, and one that did not answer before is not waited for.
 * Behind the point of no return nothing is put back.
 */
export async function rollBack(
  wave: Wave,
  begun: readonly Started[],
  site: GateContext,
  run: (lanes: readonly HostLane[], gate: readonly Gate[]) => Promise<readonly Failure[]>,
): Promise<string> {
  const { undo, undone, gate } = wave;
  const final = finalStep(wave);
  if (final !== undefined && begun.some(({ kind, isDone }) => isDone && kind === final.kind))
    return `nothing was put back: there is no way back after "${describeStep(final)}"`;
  const touched = await Promise.all(undo.map((lane) => whatIsLeft(lane, begun, site)));
  const lanes = touched.flatMap((lane) => lane ?? []);
  const same = undo.filter((_, at) => touched[at] === undefined).map(({ host }) => host);
  const unchanged = same.length === 0 ? [] : [`nothing was changed on ${same.join(', ')}`];
  if (lanes.length === 0) return unchanged.join();
  const names = lanes.map(({ host }) => host);
  const hosts = names.join(', ');
  const isRestarted = lanes.some(({ steps }) => steps.some(({ kind }) => STOPPING.has(kind)));
  let around: OtherMembers;
  try {
    around = await surroundings(names, gate, site);
  } catch (error) {
    if (error instanceof Failure) return `${hosts} was left as it is: ${error.message}`;
    throw error;
  }
  const reason = isRestarted ? whyLeft(names, around) : undefined;
  if (reason !== undefined) return `${hosts} was left as it is: ${reason}`;
  const answers = narrowed(undone ?? gate, [...names, ...around.answering]);
  const failures = await run(lanes, answers);
  if (failures.length > 0) {
    const why = failures.map(({ message }) => message).join('; ');
    return [`${hosts} could not be put back: ${why}`, ...unchanged].join('; ');
  }
  const notAnswering = (await whoDoesNotAnswer(around.notAnswering, site)).join(', ');
  const outcome =
    notAnswering !== ''
      ? `${hosts} was put back as before and answers; ${notAnswering} does not answer`
      : undone === undefined || askedBy(undone).some((name) => names.includes(name))
        ? `${hosts} was put back as before, and all members answer`
        : lanes.some(({ steps }) => steps.some(({ kind }) => kind === 'withdraw-member'))
          ? `${hosts} is not in the cluster, and all others answer`
          : `${hosts} was put back as before, which is without an answer, and all others answer`;
  return [outcome, ...unchanged].join('; ');
}

/** Why members must not be restarted to put them back, or need not be. */
function whyLeft(
  { length }: readonly string[],
  { atRisk, notAnswering, ownAnswer }: OtherMembers,
): string | undefined {
  if (atRisk.length > 0)
    return `while ${atRisk.join(', ')} does not answer, another restart could cost the quorum`;
  if (notAnswering.length > 0 && ownAnswer)
    return `${length === 1 ? 'it answers' : 'they answer'}, and only ${notAnswering.join(', ')} does not`;
  return undefined;
}

/** What of a way back is to be done on a host; undefined where nothing is. */
async function whatIsLeft(
  lane: HostLane,
  begun: readonly Started[],
  site: GateContext,
): Promise<HostLane | undefined> {
  const host = site.hosts.get(lane.host);
  const wasStopped = begun.some((one) => one.place === lane.host && STOPPING.has(one.kind));
  if (wasStopped || host === undefined) return lane;
  // A peer URL in the membership is not a file of the host.
  const isMoved = begun.some((one) => one.place === lane.host && one.kind === 'update-peer-urls');
  if (!isMoved && (await isUntouched(lane, host))) return undefined;
  return { ...lane, steps: lane.steps.filter(({ kind }) => !RESTARTING.has(kind)) };
}
