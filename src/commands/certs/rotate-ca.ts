import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure, PAUSED } from '../../failure/failure.ts';
import { thisOperator } from '../../lock/holder.ts';
import { caPhase, unreloaded } from '../../plan/certificates/ca-phase.ts';
import { describeRotation, rotationState } from '../../plan/certificates/rotation-state.ts';
import { type Intent, planFor } from '../../plan/intent.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { commandText } from '../../problem/render.ts';
import { describeFollowers, type Followers, rotationOver } from '../../report/followers-text.ts';
import type { Report } from '../../report/report.ts';
import { agreed } from '../../run/ask.ts';
import { changeCluster } from '../../run/change-cluster.ts';
import { observe } from '../../run/observe.ts';
import { openKeyring } from '../../run/open-keyring.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import { recover } from '../../run/recover.ts';
import { showFor, walkPlan } from '../../run/walk-plan.ts';
import { TRUST_OF_ALL, tellAway } from '../../run/without-hosts.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsRotateCaOptions } from './options.ts';
import { cutOff, lookAtFollowers } from './rotate-ca-followers.ts';
import { rotatePeerCa } from './rotate-peer-ca.ts';

type RotateCaArguments = ArgumentsOf<typeof certsRotateCaOptions>;

/**
 * Exchanges the CA without a moment in which members distrust each other. It stops while both CAs are trusted and says which
 * clients have followed; `--finish` ends the trust in the old one. Run again, it goes on where it stopped.
 */
export async function certsRotateCa(args: RotateCaArguments): Promise<void> {
  if (args.peer || args.split) return rotatePeerCa(args);
  const { consumersReady, allowDowntime, finish, abort, window, accept = [] } = args;
  const intent: Intent<'rotate-ca'> = {
    ...{ kind: 'rotate-ca', consumersReady, allowDowntime, finish, abort, window },
    ...{ accepted: accept, by: thisOperator() },
  };
  const remaining: Intent<'converge'> = { kind: 'converge', allowDowntime };
  await withOperation(
    {
      ...args,
      withConsumers: true,
      whenUnreachable: tellAway(TRUST_OF_ALL),
      command: 'certs-rotate-ca',
    },
    async (operation) => {
      const { desired, stop } = operation;
      await changeCluster(operation, args, {
        plan: (facts) => planFor(desired, facts, intent),
        remaining: (facts) => planFor(desired, facts, remaining),
        confirm: async ({ cluster }, facts) => {
          if (finish) await refuseToCutOff(operation, facts, args);
          if (!args.yes) await agreed(questionFor(args, cluster), stop);
        },
        recover: async (failure) =>
          finish && failure.reason === 'paused' ? widened(operation, failure, args) : failure,
        report: (facts) => report(operation, facts, args),
      });
    },
  );
}

function questionFor({ finish, abort }: RotateCaArguments, cluster: string): string {
  if (finish) return `End the trust in the old CA of ${cluster}?`;
  return abort ? `Go back to the old CA of ${cluster}?` : `Rotate the CA of ${cluster}?`;
}

/** Shows who has followed; without a terminal, clients that have not must be named by the caller. */
async function refuseToCutOff(
  operation: Operation,
  facts: ClusterFacts,
  args: RotateCaArguments,
): Promise<void> {
  if (caPhase(operation.desired, facts) !== 'leaves') return;
  const followers = await lookAtFollowers(operation, facts, args.window);
  if (!args.json) for (const line of describeFollowers(followers)) console.log(line);
  const behind = cutOff(followers, args.accept ?? []);
  if (!args.yes || behind.length === 0) return;
  throw new Failure(
    'refused',
    `${operation.desired.name}: these clients have not been seen to trust the CA that signs now, and would be cut off: ${behind.join(', ')}`,
    {
      next: [
        remedy`have them take up ${followers.trust} and connect again, then run the same command; or accept that they are cut off: --accept ${behind.map((one) => addressOf(one)).join(',')}`,
      ],
    },
  );
}

function addressOf(client: string): string {
  return /\(([^)]+)\)$/.exec(client)?.[1] ?? client;
}

/** Where the rotation stands and who has followed; with one that is not over the run ends as paused. */
async function report(
  operation: Operation,
  facts: ClusterFacts,
  args: RotateCaArguments,
): Promise<Report> {
  const state = rotationState(facts);
  if (state === undefined) return { lines: args.finish ? [rotationOver(facts)] : [], data: {} };
  process.exitCode = PAUSED;
  const stage = describeRotation(state, facts.now, args.inventory);
  const waiting = state.stage === 'trust' ? unreloaded(operation.desired) : [];
  const ready = provision('certs', 'rotate-ca', INVENTORY, '--consumers-ready');
  const lines = waiting.flatMap(({ name, directory }) => [
    `half-way: both CAs are trusted; nothing reloads ${name} (${directory})`,
    `  next: reload or restart it, then: ${commandText(ready, args.inventory)}`,
  ]);
  if (state.stage === 'trust')
    return { lines: [...stage.slice(0, 1), ...lines], data: { rotation: state } };
  const followers: Followers = await lookAtFollowers(operation, facts, args.window);
  return {
    lines: [...stage.slice(0, 1), ...describeFollowers(followers), ...stage.slice(1)],
    data: { rotation: { ...state, ...followers } },
  };
}

/** Somebody was rejected: every member trusts both CAs again, and the consent is withdrawn. */
async function widened(
  operation: Operation,
  failure: Failure,
  args: RotateCaArguments,
): Promise<Failure> {
  const { timeout } = args;
  await recover(args, {
    look: () => observe(operation),
    plan: (facts) => planFor(operation.desired, facts, { kind: 'widen-trust' }),
    act: async (plan, facts) => {
      const keyring = await openKeyring(plan, facts, args.passphraseFrom);
      return walkPlan(operation, plan, { keyring, now: facts.now, timeout, show: showFor(args) });
    },
  });
  return new Failure(
    'paused',
    `${failure.message}\n  every member trusts both CAs again; nothing else was changed`,
    { next: failure.next, log: failure.log },
  );
}
