import { readAlarms } from '../etcd/alarms.ts';
import { leads } from '../etcd/leader.ts';
import type { EtcdFact } from '../facts/etcd/etcd.ts';

/** A member that might give the snapshot. */
export interface Candidate {
  readonly name: string;
  readonly etcd: EtcdFact;
  /** What its `alarm list` says. */
  readonly alarms: string;
}

/** Who gives the snapshot, or why each member does not. */
export type Choice =
  | { readonly source: Candidate; readonly because: string }
  | { readonly source: undefined; readonly reasons: readonly string[] };

/**
 * The voter that has applied most, and of several a follower, which has less to do; never a learner, a member without
 * quorum, one with a corruption alarm, or one that holds other data than most. A snapshot holds what this
 * member has applied, not what the cluster has (etcd-facts §4.2).
 */
export function chooseSource(
  candidates: readonly Candidate[],
  differing: readonly string[] = [],
): Choice {
  const corrupt = new Set(candidates.flatMap(({ alarms }) => corruptMembers(alarms)));
  const judged = candidates.map((candidate) => ({
    candidate,
    reason: whyNot(candidate, corrupt, differing),
  }));
  const fit = judged.flatMap(({ candidate, reason }) => (reason === undefined ? [candidate] : []));
  const [source] = fit.toSorted(
    (a, b) =>
      applied(b) - applied(a) || Number(leads(a.etcd.status)) - Number(leads(b.etcd.status)),
  );
  if (source === undefined) {
    return {
      source,
      reasons: judged.map(({ candidate, reason }) => `${candidate.name} ${reason}`),
    };
  }
  const others = fit.filter((one) => applied(one) < applied(source)).length;
  const because = `${others > 0 ? 'it has applied most' : 'no voter has applied more'} (index ${applied(source)})${leads(source.etcd.status) ? '' : ', and does not lead'}`;
  return { source, because };
}

/** Ids of the members for which a corruption alarm is raised, as hexadecimal. */
export function corruptMembers(alarms: string): readonly string[] {
  return readAlarms(alarms).flatMap(({ memberId, kind }) => (kind === 'CORRUPT' ? [memberId] : []));
}

function whyNot(
  { name, etcd: { healthy, complaint, status } }: Candidate,
  corrupt: ReadonlySet<string>,
  differing: readonly string[],
): string | undefined {
  if (status === undefined) return `does not answer (${complaint ?? 'no answer'})`;
  if (status.isLearner) return 'is a learner and may lag behind';
  if (corrupt.has(status.memberId)) return 'has a corruption alarm';
  if (differing.includes(name)) return 'holds other data than most';
  if (!healthy) return `has no quorum (${complaint ?? 'no answer'})`;
  return undefined;
}

// 3.3 does not say what it has applied, only what is committed.
function applied({ etcd: { status } }: Candidate): number {
  return status?.raftAppliedIndex ?? status?.raftIndex ?? 0;
}
