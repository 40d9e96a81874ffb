import type { DesiredCluster } from '../desired/cluster.ts';
import { withstands } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed } from '../observed/observed.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import type { Refusal } from './plan.ts';

type Facts = Pick<ClusterFacts, 'members'>;

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

/** Whether nobody takes writes while one member restarts, counted over the voters that both etcd's list and the inventory have. */
export function restartStopsWrites(desired: DesiredCluster, facts: Facts): boolean {
  const voters = votersOf(desired, facts);
  return !withstands({ voters, answering: voters }, 1);
}

/** Refuses restarts during which nobody takes writes, unless that was accepted; `restarts` is what of them to name. */
export function downtimeRefusals(
  desired: DesiredCluster,
  facts: Facts,
  { allowDowntime }: { readonly allowDowntime: boolean },
  restarts: string,
): readonly Refusal[] {
  if (allowDowntime || !restartStopsWrites(desired, facts)) return [];
  const voters = votersOf(desired, facts);
  return [
    {
      kind: 'downtime',
      about: [],
      sentence: `${desired.name}: with ${voters} member${voters === 1 ? '' : 's'} ${restarts} stops all writes for some seconds`,
      next: [remedy`accept that: add --allow-downtime`],
    },
  ];
}

/** A voter that the inventory does not name, or that etcd's list does not have, is not counted on. */
export function votersOf(desired: DesiredCluster, facts: Facts): number {
  const { length } = desired.members;
  return Math.min(observed(desired, facts).quorum?.voters ?? length, length);
}
