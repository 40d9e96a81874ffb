import { majority } from '../../etcd/quorum.ts';
import { Failure } from '../../failure/failure.ts';
import type { Plan } from '../../plan/plan.ts';
import {
  type ConfOf,
  planPutBack,
  planStartRestored,
  planStopRestored,
} from '../../plan/put-back.ts';
import { type HalfRestored, judgeUnfinished, type Verdict } from '../../plan/unfinished.ts';
import type { Operation } from '../../run/operation.ts';
import { lookAtHalfRestored } from './half-restored.ts';

export interface TakenBack {
  /** What it was in the end: the restored cluster may turn out to have served once its members stand still. */
  readonly verdict: Verdict['kind'];
  /** The hosts that could be asked, as they were before the last step. */
  readonly half: ReadonlyMap<string, HalfRestored>;
}

/**
 * Makes the former cluster of the hosts again, where the restored one has acknowledged nothing. Restored members are
 * stopped first: only then is it certain what their logs hold. A host that is lost meanwhile is left out, as long as most
 * members remain. Throws a Failure when it could not be finished.
 */
export async function rollBack(
  operation: Pick<Operation, 'desired' | 'hosts' | 'store'>,
  act: (plan: Plan) => Promise<unknown>,
  confOf?: ConfOf,
): Promise<TakenBack> {
  const { desired } = operation;
  const quorum = majority(desired.members.length);
  const look = () => lookAtHalfRestored(operation);
  for (let before = await look(); ; ) {
    let half = before;
    try {
      const first = judgeUnfinished(desired, half).kind;
      if (first !== 'back') return { verdict: first, half };
      await act(planStopRestored(desired, half));
      half = await look();
      const verdict = judgeUnfinished(desired, half).kind;
      if (verdict === 'forward') await act(planStartRestored(desired, half));
      if (verdict !== 'back') return { verdict, half };
      await act(planPutBack(desired, half, confOf));
      return { verdict, half };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const left = await look();
      // Each turn needs a host fewer, so it ends.
      if (left.size >= before.size || left.size < quorum) throw error;
      before = left;
    }
  }
}
