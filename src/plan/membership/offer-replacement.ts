import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { corruptionAlarms } from '../../observed/corruption.ts';
import { observed } from '../../observed/observed.ts';
import type { Problem, Proposal } from '../../problem/problem.ts';
import { CORRUPTION } from '../refusing/corruption.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import { planReplace } from './replace.ts';
import { UNSURE } from './uncertain-corruption.ts';

/** Who may be the corrupt one, and what is known of the data of the members beside it. */
export interface Suspect {
  readonly member: string;
  readonly others: 'same' | 'differ' | 'not-compared';
}

/** The one member that etcd calls corrupt, where it is one. */
export function corruptMember(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): string | undefined {
  const { members, isOfNobody } = corruptionAlarms(desired, facts);
  const [only, ...more] = members;
  return more.length > 0 || isOfNobody ? undefined : only?.name;
}

/**
 * The problems, where corruption is of one member with its replacement as the first remedy: only where that would be done,
 * and the others are not known to differ.
 */
export function offerReplacement(
  desired: DesiredCluster,
  facts: ClusterFacts,
  problems: readonly Proposal[],
  suspect: Suspect | undefined,
): readonly Proposal[] {
  if (suspect === undefined || suspect.others === 'differ') return problems;
  const { member: name, others } = suspect;
  if (problems.every(({ kind }) => kind !== CORRUPTION)) return problems;
  // The new one runs on the host that the inventory names.
  if (observed(desired, facts).unreachable.some((one) => one.name === name)) return problems;
  const options = { member: name, force: false, freshToken: '', allowDowntime: false };
  const { refusals } = planReplace(desired, facts, options);
  const unsure = refusals.filter(({ kind }) => kind === UNSURE);
  if (unsure.length < refusals.length) return problems;
  return problems.map((one): Proposal => {
    if (one.kind !== CORRUPTION) return one;
    const [why] = unsure;
    if (why === undefined)
      return { ...one, next: [remedies.replaceCorrupt(name, others), ...one.next] };
    const isStray = corruptionAlarms(desired, facts).isOfNobody;
    const shown = isStray ? `${name} differs from the others, which hold the same` : why.sentence;
    return { ...one, evidence: [...(one.evidence ?? []), shown], next: why.next };
  });
}

/** The problems as they are told before members were compared: where etcd names none, that comes first. */
export function askToCompare(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  problems: readonly Proposal[],
): readonly Proposal[] {
  if (!corruptionAlarms(desired, facts).isOfNobody) return problems;
  return problems.map((one) =>
    one.kind === CORRUPTION ? { ...one, next: [remedies.compare(), ...one.next] } : one,
  );
}

/** That members differ, of whom etcd calls none corrupt: of one that differs from all others its replacement is a way, too. */
export function besideReplacement(
  desired: DesiredCluster,
  facts: ClusterFacts,
  difference: Problem,
  suspect: Suspect | undefined,
): Problem {
  if (suspect?.others !== 'same') return difference;
  const { member } = suspect;
  const options = { member, force: true, freshToken: '', allowDowntime: false };
  if (planReplace(desired, facts, options).refusals.length > 0) return difference;
  const way = safely(desired, facts, [
    { ...difference, next: [remedies.replaceAllTheSame(member)] },
  ]).flatMap(({ next }) => next);
  return { ...difference, next: [...difference.next, ...way] };
}
