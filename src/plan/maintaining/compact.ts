import { ownPlaces } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, seenMembers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { onHost } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Refusal, Wave } from '../plan.ts';
import { leaderLast } from '../rolling.ts';
import { quietWave } from '../unnoticed.ts';
import { untouchable } from './maintenance-refusals.ts';

/** How much history stays. */
export type Kept =
  /** This revision, and what is later. */
  | { readonly revision: number }
  /** The last so many revisions. */
  | { readonly last: number };

export interface CompactOptions {
  readonly keep: Kept;
  /** How long it may take. */
  readonly seconds: number;
}

/** Decides up to which revision history goes; never beyond the present. */
export function planCompaction(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { keep, seconds }: CompactOptions,
): Plan {
  const unfit = untouchable(desired, facts);
  if (unfit.length > 0) return refusedPlan(desired, unfit);
  const present = presentRevision(desired, facts);
  if (present === undefined) return refusedPlan(desired, [nobodyTells(desired)]);
  const target = 'revision' in keep ? keep.revision : present - keep.last;
  if (target > present) return refusedPlan(desired, [beyond(desired, target, present)]);
  if (target <= 1)
    return planOf(desired, [], {
      notes: [`the cluster is at revision ${present}: there is no history to give up`],
    });
  const away = observed(desired, facts).notAnswering.map(
    ({ name }) => `${name} does not answer; it compacts when it is back`,
  );
  return planOf(desired, compactWaves(desired, facts, target, seconds), {
    notes: [whatIsLost(target, present), ...away],
  });
}

/** The newest revision that any member tells. */
export function presentRevision(desired: DesiredCluster, facts: ClusterFacts): number | undefined {
  const told = observed(desired, facts).answers.flatMap(
    ({ found }) => found?.etcd.status?.revision ?? [],
  );
  return told.length === 0 ? undefined : Math.max(...told);
}

/**
 * All forget at once, but each member removes in its own time, and shows what it has gained only after its next writes. Only
 * who is asked waits for its own removal, and for those before. So each is asked in turn, the leader last, each for one
 * revision more: the same twice would be an error (mvcc/kvstore.go, compact).
 */
export function compactWaves(
  desired: DesiredCluster,
  facts: ClusterFacts,
  revision: number,
  seconds: number,
): readonly Wave[] {
  const members = leaderLast(seenMembers(desired, facts).filter(({ answers }) => answers));
  const asked = members.slice(Math.max(0, members.length - (revision - 1)));
  const own = ownPlaces(desired);
  return asked.map((member, at) => {
    const to = revision - (asked.length - 1 - at);
    const because = 'what keys were before takes space, and nobody is to ask for it any more';
    const step = {
      kind: 'compact',
      own,
      revision: to,
      seconds,
      because,
    } as const;
    return quietWave(`compact to revision ${to}`, [onHost(member.name, [step])]);
  });
}

/** What a compaction takes from whom. */
export function whatIsLost(revision: number, present: number): string {
  return `the cluster is at revision ${present}; keys keep their values, but a client that reads or watches from before revision ${revision} is told that it has been compacted, and has to read again`;
}

function nobodyTells({ name }: DesiredCluster): Refusal {
  return {
    kind: 'not-answering',
    about: [],
    sentence: `${name}: no member says which revision it is at`,
    next: [remedy`see why: ${provision('doctor', INVENTORY)}`],
  };
}

function beyond({ name }: DesiredCluster, revision: number, present: number): Refusal {
  return {
    kind: 'future-revision',
    about: [],
    sentence: `${name}: is at revision ${present}, and cannot be compacted to ${revision}`,
    next: [remedy`give a --revision of at most ${present}, or --keep`],
  };
}
