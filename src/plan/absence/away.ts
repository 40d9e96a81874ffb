import type { DesiredCluster } from '../../desired/cluster.ts';
import { withstands } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { couldNotBeAsked } from '../../observed/found.ts';
import { observed, someoneAnswers } from '../../observed/observed.ts';
import { remedy } from '../../problem/remedy.ts';
import type { Left } from '../left.ts';
import { votingOf } from '../membership/voting.ts';
import type { Refusal } from '../plan.ts';
import { besideTrustChange } from '../refusing/beside-change.ts';
import { remedies } from '../refusing/remedies.ts';

/** Why these members cannot be done without: they answer, the others do not, or what is under way concerns them too. */
export function absenceRefusals(
  desired: DesiredCluster,
  facts: ClusterFacts,
  away: readonly string[],
): readonly Refusal[] {
  const { members, list } = observed(desired, facts);
  const named = members.filter(({ name }) => away.includes(name));
  const present = named.filter(
    ({ answers, found }) => answers || (found !== undefined && couldNotBeAsked(found)),
  );
  if (present.length > 0) return [notAway(present.map(({ name }) => name))];
  if (!someoneAnswers(facts)) return [noQuorum(desired, away)];
  const unlisted = list === undefined ? [] : named.filter((one) => one.listed === undefined);
  if (unlisted.length > 0) return [notListed(unlisted.map(({ name }) => name))];
  return besideTrustChange(desired, facts).map((one) => ({
    ...one,
    sentence: `${one.sentence}; ${away.join(', ')} would come back trusting what the others no longer do`,
    next: [remedy`bring ${away.join(', ')} back first`, ...one.next],
  }));
}

/** The facts as those left in the cluster tell them: nothing is decided about a member that is away. */
export function withoutThose<Facts extends Pick<ClusterFacts, 'members'>>(
  facts: Facts,
  away: readonly string[],
): Facts {
  const members = new Map([...facts.members].filter(([name]) => !away.includes(name)));
  return { ...facts, members };
}

/** What becomes of members that are away. */
export function awayLeft(away: readonly string[]): readonly Left[] {
  return away.map((name) => ({ name, because: 'away; it gets what it needs when it is back' }));
}

/**
 * Why another member must not be kept from its work while these are away: too few would be left. Counted over the list that
 * etcd holds; nothing where they are enough, since the gates before each turn ask all others.
 */
export function costsQuorum(
  desired: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'answeringStrangers'>,
  away: readonly string[],
): string | undefined {
  const { voters, needed, unnamed, votes } = votingOf(desired, facts);
  const { strangers } = observed(desired, facts);
  const others = desired.members.filter(({ name }) => votes(name) && !away.includes(name)).length;
  const heard = strangers.filter(
    ({ id, isLearner }) => !isLearner && facts.answeringStrangers?.has(id) === true,
  ).length;
  const answering = others + Math.min(heard, unnamed);
  if (withstands({ voters, answering }, 1)) return undefined;
  return `${answering - 1} of ${voters} members would be left, and ${needed} must answer`;
}

function notAway(names: readonly string[]): Refusal {
  const [verb, them] = names.length === 1 ? ['runs', 'it'] : ['run', 'them'];
  return {
    kind: 'not-away',
    about: names,
    sentence: `${names.join(', ')}: ${verb}, and --without is for members that do not answer`,
    next: [remedy`leave ${them} out of --without; to change other members only, use --limit`],
  };
}

function noQuorum({ name }: DesiredCluster, away: readonly string[]): Refusal {
  return {
    kind: 'not-answering',
    about: [],
    sentence: `${name}: nobody answers, so it is not only ${away.join(', ')} that is missing: --without needs a quorum without it`,
    next: [remedies.doctor()],
  };
}

function notListed(names: readonly string[]): Refusal {
  return {
    kind: 'new-member',
    about: names,
    sentence: `${names.join(', ')}: not in etcd's list of members, and nobody joins while away`,
    next: names.map(remedies.leaveOut),
  };
}
