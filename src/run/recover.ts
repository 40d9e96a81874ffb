import { converge, type OperationSpec } from './converge.ts';
import type { RefusalOptions } from './throw-refusals.ts';

const NEVER = new AbortController().signal;

/**
 * The loop for what an operation takes back of itself, or ends, in its midst: nobody is asked again, for who agreed to it
 * wants no half of it, and it is not shown as a plan of its own. The caller acts, whether or not the run was told to stop.
 * Throws a Failure.
 */
export async function recover<Seen, Done>(
  asked: RefusalOptions,
  { look, plan, act }: Pick<OperationSpec<Seen, Done>, 'look' | 'plan' | 'act'>,
): Promise<void> {
  const within = { observe: <T>(again: () => Promise<T>) => again(), stop: NEVER };
  await converge({ ...within, hasChanged: () => true }, asked, {
    ...{ look, plan, act },
    show: () => {
      // The operation has told already what it does.
    },
    confirm: async () => {
      // It was agreed to with the operation.
    },
    prove: async () => undefined,
  });
}
