import { askUnitState } from '../../facts/consumer.ts';
import { whyNotReady } from '../../facts/consumer-ready.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { askedBy, type ConsumerGate, type Gate } from '../../plan/gate.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { learnerPatience } from '../membership/await-joined.ts';
import { pause } from '../pause.ts';
import { type GateContext, hostOf } from '../step-context.ts';
import { type Answers, askMembers, type Further } from './ask-members.ts';
import { type ConsumerAnswers, type ConsumerFact, whyNotOpen } from './doubts.ts';

/** Members that did not answer as they must, or not in time. */
export class Unanswered extends Failure {
  override readonly name = 'Unanswered';
}

const PAUSE = 200;

/**
 * Waits until all questions are answered yes, from fresh answers of everybody they ask. Throws Unanswered with what is not
 * so after the run's timeout, or a Failure where that would never change. A learner that is to get its vote has as long as
 * it goes on applying what the cluster holds.
 */
export async function awaitGates(
  gates: readonly Gate[],
  site: GateContext,
  signal: AbortSignal,
): Promise<void> {
  let until = Date.now() + site.timeout * 1000;
  let applied = -1;
  const names = askedBy(gates);
  const { name: cluster } = site.desired;
  for (;;) {
    const [told, consumers] = await Promise.all([
      askMembers(names, site, furtherFor(gates)),
      askConsumers(gates, site),
    ]);
    const doubts = whyNotOpen(gates, told, consumers);
    if (doubts.length === 0) return;
    refuseFailed(gates, consumers);
    const learners = new Map([...told].filter(([name]) => isToVote(gates, name)));
    refuseLearner(new Map([...told].filter(([name]) => !learners.has(name))), cluster);
    const progress = learnersApplied(learners);
    if (progress > applied) until = Date.now() + learnerPatience(site) * 1000;
    applied = Math.max(applied, progress);
    if (Date.now() > until) {
      throw new Unanswered('failed', `${cluster}: ${doubts.join('; ')}`, {
        // The diagnosis says what to do.
        next: [],
      });
    }
    await pause(PAUSE, signal);
  }
}

/** Whether a member is waited for to be listed with a vote. */
function isToVote(gates: readonly Gate[], name: string): boolean {
  return gates.some((gate) => gate.kind === 'listed-as' && gate.member === name);
}

/** How far learners have come; one that has its vote applies on for as long as clients write. */
function learnersApplied(learners: Answers): number {
  const applied = [...learners.values()].flatMap(({ status }) =>
    status?.isLearner === true ? [status.raftAppliedIndex ?? status.raftIndex ?? -1] : [],
  );
  return Math.max(-1, ...applied);
}

async function askConsumers(gates: readonly Gate[], site: GateContext): Promise<ConsumerAnswers> {
  const asked = gates.flatMap(async (gate) =>
    gate.kind === 'consumer-ready'
      ? [[gate.consumer, await askConsumer(gate, hostOf(site, gate.consumer))] as const]
      : [],
  );
  return new Map((await Promise.all(asked)).flat());
}

/** Its unit first: what does not run is asked nothing. */
async function askConsumer({ unit, ready }: ConsumerGate, host: Host): Promise<ConsumerFact> {
  const state = unit === undefined ? undefined : await askUnitState(host, unit);
  if (state !== undefined && state !== 'active') return { state };
  const whyNot = ready && (await whyNotReady(host, ready));
  return { ...(state && { state }), ...(whyNot !== undefined && { whyNot }) };
}

/** A failed unit does not come back by itself. */
function refuseFailed(gates: readonly Gate[], consumers: ConsumerAnswers): void {
  for (const gate of gates) {
    if (gate.kind !== 'consumer-ready' || gate.unit === undefined) continue;
    const { consumer, unit } = gate;
    if (consumers.get(consumer)?.state !== 'failed') continue;
    throw new Failure(
      'failed',
      `${consumer}: ${unit} failed with its new files; no further consumer was touched`,
      {
        next: [
          remedy`see why: systemctl status ${unit} on that host; then: ${provision('up', INVENTORY)}`,
        ],
      },
    );
  }
}

function furtherFor(gates: readonly Gate[]): Further {
  const asksVersion = gates.some(({ kind }) => kind === 'serves-version' || kind === 'cluster-at');
  return { links: true, clusterVersion: asksVersion };
}

/** Throws a Failure where a learner is all that is waited for: it answers no linearizable read as long as it is one. */
export function refuseLearner(members: Answers, cluster: string): void {
  const notAnswering = [...members].filter(([, { healthy }]) => !healthy);
  const [first] = notAnswering;
  if (first === undefined || notAnswering.some(([, { status }]) => status?.isLearner !== true))
    return;
  const [name] = first;
  throw new Failure(
    'failed',
    `${cluster}: ${name} runs, and is a learner: it cannot be proved to answer`,
    {
      next: [
        remedy`let it catch up and get its vote: ${provision('up', INVENTORY)}; then run the same command again`,
      ],
    },
  );
}
