import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../plan/plan.ts';
import type { Operation } from './operation.ts';
import { type RefusalOptions, throwRefusals } from './throw-refusals.ts';

/** How often hosts that may be about to change are looked at, and milliseconds between two looks. */
const LOOKS = 10;
const PAUSE = 1000;

/** What makes one operation different from another: what it does at each stage. */
export interface OperationSpec<Seen, Done> {
  /** Looks at everything that the plan is made from. */
  readonly look: () => Promise<Seen>;
  readonly plan: (seen: Seen) => Plan;
  /** Whether there may be another plan in a moment, although nobody does anything. */
  readonly mayChangeSoon?: (seen: Seen, plan: Plan) => boolean;
  /** What may have brought about that the plan refuses; told before the refusals. */
  readonly explainRefusal?: (seen: Seen) => Promise<Plan['refusals']>;
  /** Tells a person what will be done. */
  readonly show: (plan: Plan, seen: Seen) => void;
  /** Whether there is something to do beside the waves of the plan. */
  readonly hasMoreToDo?: (seen: Seen) => boolean;
  /** Returns when a person has agreed; throws a Failure where they do not, or where it would fail half-way. */
  readonly confirm: (plan: Plan, seen: Seen) => Promise<void>;
  readonly act: (plan: Plan, seen: Seen) => Promise<Done>;
  /** Makes sure that the hosts are as they should be; gives what is told in the end. Throws a Failure. */
  readonly prove: (acted: Acted<Seen, Done>) => Promise<string | undefined>;
}

export interface Acted<Seen, Done> {
  readonly plan: Plan;
  readonly seen: Seen;
  /** What `act` gave; missing where there was nothing to do. */
  readonly done: Done | undefined;
}

/** What every operation goes through, once: observe, decide, show, confirm, act, prove. Gives what was seen at its beginning. */
export async function converge<Seen, Done>(
  operation: Pick<Operation, 'observe' | 'hasChanged' | 'stop'>,
  refusalOptions: RefusalOptions,
  spec: OperationSpec<Seen, Done>,
): Promise<Seen> {
  const { seen, plan } = await observeAndDecide(operation, spec);
  if (plan.refusals.length > 0) {
    const explanation = (await spec.explainRefusal?.(seen)) ?? [];
    const refusals = [...explanation, ...plan.refusals];
    throwRefusals({ ...plan, refusals }, { ...refusalOptions, changed: operation.hasChanged() });
  }
  spec.show(plan, seen);

  const isDue = plan.waves.length > 0 || spec.hasMoreToDo?.(seen) === true;
  if (isDue) await spec.confirm(plan, seen);
  const done = isDue ? await spec.act(plan, seen) : undefined;

  const result = await spec.prove({ plan, seen, done });
  if (result !== undefined) console.log(result);
  return seen;
}

type Looking<Seen> = Pick<OperationSpec<Seen, unknown>, 'look' | 'plan' | 'mayChangeSoon'>;

/** What is seen, and the plan from it; looked at again for a while where both may be about to change. */
async function observeAndDecide<Seen>(
  operation: Pick<Operation, 'observe' | 'stop'>,
  { look, plan: decide, mayChangeSoon }: Looking<Seen>,
): Promise<{ readonly seen: Seen; readonly plan: Plan }> {
  for (let looks = 1; ; looks++) {
    const seen = await operation.observe(look);
    const plan = decide(seen);
    if (looks === LOOKS || mayChangeSoon?.(seen, plan) !== true) return { seen, plan };
    await sleep(PAUSE, undefined, { signal: operation.stop });
  }
}
