import type { ClusterFacts } from '../../facts/cluster.ts';
import { describePlan } from '../../plan/describe.ts';
import type { Plan } from '../../plan/plan.ts';
import { converge } from '../../run/converge.ts';
import { lookWithoutPrograms } from '../../run/look-without-programs.ts';
import { type Operation, type OperationOptions, withOperation } from '../../run/operation.ts';

/** What one change of who is in the list, or leads it, differs in. */
interface ListChange {
  readonly command: string;
  readonly plan: (operation: Operation, facts: ClusterFacts) => Plan;
  /** Returns when a person has agreed. */
  readonly confirm: (operation: Operation) => Promise<void>;
  /** What is told in the end, from fresh facts. */
  readonly told: (
    operation: Operation,
    facts: ClusterFacts,
    outcome: { readonly changed: boolean; readonly notes: readonly string[] },
  ) => string | undefined;
}

/** Changes who is in the list of members, or leads it, with no programs to bring to any host. Throws a Failure. */
export async function changeList(
  args: Omit<OperationOptions, 'command' | 'needs'> & {
    readonly json: boolean;
    readonly timeout?: number;
  },
  { command, plan, confirm, told }: ListChange,
): Promise<void> {
  await withOperation({ ...args, needs: 'any-host', command }, async (operation) => {
    const look = () => lookWithoutPrograms(operation);
    await converge(operation, args, {
      look,
      plan: (facts) => plan(operation, facts),
      show: (decided) => {
        if (!args.json) console.log(describePlan(decided));
      },
      confirm: () => confirm(operation),
      act: async (decided) => {
        const { executePlan } = await import('../../run/execute-plan.ts');
        return executePlan(operation, decided, args);
      },
      prove: async ({ plan: { notes = [] }, seen, done }) => {
        const changed = done !== undefined;
        return told(operation, changed ? await look() : seen, { changed, notes });
      },
    });
  });
}
