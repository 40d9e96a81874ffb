import type { DesiredCluster } from '../desired/cluster.ts';
import { type Quorum, withstands } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import type { Leaving } from './membership/leaving.ts';
import { votingOf } from './membership/voting.ts';
import type { Refusal } from './plan.ts';

type Facts = Pick<ClusterFacts, 'members' | 'answeringStrangers'>;

/** A refusal for each member that does not answer, where an operation needs every one. */
export function notAnsweringRefusals(
  desired: DesiredCluster,
  facts: Facts,
  operation: string,
  next: Next,
): readonly Refusal[] {
  return observed(desired, facts).notAnswering.map(({ name, complaint }) => ({
    kind: 'not-answering',
    about: [name],
    sentence: `${name}: does not answer a linearizable read (${complaint}); ${operation} needs every member`,
    next,
  }));
}

/** What one restart after another costs the cluster: the clause that says who counts, or undefined where it takes writes all along. */
export function writesStopWith(
  desired: DesiredCluster,
  facts: Facts,
  leaving: readonly Leaving[] = [],
): string | undefined {
  const { voters, answering } = votersAmidRestarts(desired, facts, leaving);
  if (withstands({ voters, answering }, 1)) return undefined;
  const all = `${voters} member${voters === 1 ? '' : 's'}`;
  return answering === voters ? `with ${all}` : `with ${all}, of which ${answering} can answer,`;
}

/** Refuses restarts during which nobody takes writes, unless that was accepted; `restarts` is what of them to name. */
export function downtimeRefusals(
  desired: DesiredCluster,
  facts: Facts,
  { allowDowntime }: { readonly allowDowntime: boolean },
  restarts: string,
): readonly Refusal[] {
  const few = allowDowntime ? undefined : writesStopWith(desired, facts);
  if (few === undefined) return [];
  return [
    {
      kind: 'downtime',
      about: [],
      sentence: `${desired.name}: ${few} ${restarts} stops all writes for some seconds`,
      next: [remedy`accept that: add --allow-downtime`],
    },
  ];
}

/**
 * Who counts and who answers between two restarts: the gates wait for all of the inventory, strangers answer or do not, and
 * who leaves without answering is taken out before anybody is restarted.
 */
function votersAmidRestarts(
  desired: DesiredCluster,
  facts: Facts,
  leaving: readonly Leaving[],
): Pick<Quorum, 'voters' | 'answering'> {
  const { voters, unnamed } = votingOf(desired, facts);
  const gone = leaving.filter(({ answers, entry }) => !answers && !entry.isLearner).length;
  const answering = observed(desired, facts).strangers.filter(
    ({ id, isLearner }) => !isLearner && facts.answeringStrangers?.has(id) === true,
  ).length;
  return { voters: voters - gone, answering: voters - unnamed + answering };
}
