import type { ClusterFacts } from '../../facts/cluster.ts';
import { planFor } from '../../plan/intent.ts';
import { purgeLines } from '../../report/purge-text.ts';
import { agreed, typedPhrase } from '../../run/ask.ts';
import { converge } from '../../run/converge.ts';
import { executePlan } from '../../run/execute-plan.ts';
import { observeMembers } from '../../run/observe-hosts.ts';
import { type Operation, withOperation } from '../../run/operation.ts';
import type { ArgumentsOf } from '../command.ts';
import type { downOptions } from './options.ts';

type DownArguments = ArgumentsOf<typeof downOptions>;

/** Stops and disables etcd on every member; with --purge also removes its data, configuration and programs. */
export async function down(args: DownArguments): Promise<void> {
  const option = args.purge ? '--purge' : undefined;
  await withOperation({ ...args, command: 'down', option }, async (operation) => {
    const { desired } = operation;
    const hosts = [...operation.hosts.keys()];
    const changes = `stop and disable ${desired.unit}.service on ${hosts.join(', ')}`;
    await converge(operation, args, {
      look: () => look(operation),
      plan: (facts) => planFor(desired, facts, { kind: 'down', purge: args.purge }),
      show: (plan) => {
        console.error(`${desired.name}: will ${changes}`);
        for (const line of purgeLines(plan)) console.error(line);
      },
      confirm: () => confirm(operation, args),
      act: (plan) => executePlan(operation, plan, args, { change: { changes }, show: 'nothing' }),
      // Each step has seen to it that its unit runs no more.
      prove: async () => told(args, desired.name, hosts),
    });
  });
}

async function look(operation: Operation): Promise<Pick<ClusterFacts, 'members'>> {
  return { members: await observeMembers(operation) };
}

/** Data goes only where a person types so, or the cluster is named. */
async function confirm(
  { desired: { name }, stop }: Operation,
  { purge, yesPurge, yes }: DownArguments,
): Promise<void> {
  if (purge && yesPurge !== name) await typedPhrase(`purge ${name}`, `--yes-purge ${name}`, stop);
  else if (!purge && !yes) await agreed(`Stop ${name}?`, stop);
}

function told({ purge, json }: DownArguments, cluster: string, hosts: readonly string[]): string {
  if (json) return JSON.stringify({ cluster, hosts, purged: purge });
  const done = purge
    ? 'stopped, disabled and purged'
    : 'stopped and disabled; data and files are kept';
  return `${cluster}: ${done}`;
}
