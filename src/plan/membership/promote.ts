import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { type ObservedMember, observed } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { listAccess } from '../carried.ts';
import { untouchable } from '../maintaining/maintenance-refusals.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan } from '../plan.ts';
import { remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import { noMember } from './no-member.ts';

export interface PromotionOptions {
  readonly member: string;
}

/**
 * Gives a learner its vote, and changes nothing else: by `up` all the inventory asks for would be done with it. etcd itself
 * refuses one that has not caught up, or whose vote would take the quorum away (etcd-facts §5.2).
 */
export function planPromotion(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { member: given }: PromotionOptions,
): Plan {
  const first = untouchable(desired, facts);
  if (first.length > 0) return refusedPlan(desired, first);
  const { members, answers, contact } = observed(desired, facts);
  const learner = members.find(({ name }) => name === given);
  if (learner === undefined) return refusedPlan(desired, [noMember(desired, given)]);
  const { name, listed } = learner;
  if (listed?.isLearner === false) return planOf(desired, [], { notes: [`${name} has its vote`] });
  const via = contact?.name;
  if (via === undefined || listed === undefined || listed.name === '' || !learner.runs)
    return refusedPlan(desired, safely(desired, facts, [unfit(learner, via !== undefined)]));
  const among = [...answers.map((one) => one.name), name];
  const [peerUrl = ''] = listed.peerUrls;
  const turn: Turn = {
    title: `promote ${name}`,
    steps: [
      {
        ...{ kind: 'promote-member', member: name, peerUrl, via, list: listAccess(desired) },
        because: 'without a vote it takes part in nothing',
      },
    ],
    undo: [],
    gate: [{ kind: 'listed-as', members: among, member: name, peerUrls: listed.peerUrls }],
  };
  return planOf(
    desired,
    rolling([learner], () => turn, { among, order: inGivenOrder }),
  );
}

function unfit({ name, listed }: ObservedMember, someoneAnswers: boolean): Proposal {
  const about = [name];
  const cannot = `${name} cannot be given a vote`;
  if (!someoneAnswers)
    return {
      ...{ kind: 'no-answer', about, next: [remedies.doctor()] },
      sentence: `${cannot}: no member answers, and only a cluster with a quorum changes its list of members`,
    };
  if (listed === undefined)
    return {
      ...{ kind: 'not-listed', about, next: [remedies.joinByUp(name)] },
      sentence: `${cannot}: it is not in etcd's list of members`,
    };
  return {
    ...{ kind: 'not-running', about, next: [remedies.joinByUp(name), remedies.doctor()] },
    sentence: `${cannot}: it does not run, so it cannot have caught up`,
  };
}
