import type { DesiredCluster } from '../../desired/cluster.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { withstands } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { foundOf } from '../../observed/found.ts';
import { answeringIds } from '../../observed/membership.ts';
import { observed, someoneAnswers } from '../../observed/observed.ts';
import type { Precondition, Situation, Truth } from '../../problem/precondition.ts';
import { inSituation, type Problem, type Proposal } from '../../problem/problem.ts';
import { laneName, stepsOf } from '../lane.ts';
import { quorumAfter } from '../membership/leaving.ts';
import { votingOf } from '../membership/voting.ts';
import type { Plan } from '../plan.ts';
import { dataTrouble } from './data-trouble.ts';

type Facts = Pick<ClusterFacts, 'members' | 'answeringStrangers'>;

/** What is known beside the facts. */
interface Known {
  /** What `up` would do now. */
  readonly up?: Plan | undefined;
  /** What has just been tried in vain. */
  readonly failed?: Plan | undefined;
  /** Members whose data cannot be read. */
  readonly damaged?: ReadonlySet<string> | undefined;
}

/** Answers what remedies require from what was observed. What `up` would do is known only where its plan is given. */
export function situationOf(desired: DesiredCluster, facts: Facts, known: Known = {}): Situation {
  return (precondition) => answer(precondition, desired, facts, known);
}

/** The problems with those remedies only that are safe for this cluster now. */
export function safely(
  desired: DesiredCluster,
  facts: Facts,
  proposals: readonly Proposal[],
): readonly Problem[] {
  const situation = situationOf(desired, facts);
  return proposals.map((one) => inSituation(one, situation));
}

function answer(
  precondition: Precondition,
  desired: DesiredCluster,
  facts: Facts,
  { up, failed, damaged }: Known,
): Truth {
  const { members: all, answers: answering, list, strangers } = observed(desired, facts);
  const unseen = all.some(({ found }) => found === undefined);
  const usable = all.filter(
    ({ name, found }) =>
      found?.data?.hasLog === true &&
      damaged?.has(name) !== true &&
      dataTrouble(found) === undefined,
  );
  switch (precondition.kind) {
    case 'noKeysHere':
      if (all.some(({ found }) => found !== undefined && mayHaveKeys(found))) return 'no';
      return unseen ? 'unknown' : 'yes';
    case 'memberDead': {
      const found = foundOf(facts, precondition.member);
      if (found === undefined) return 'unknown';
      return found.unit.pid === 0 && !found.etcd.healthy ? 'yes' : 'no';
    }
    case 'allVotersAnswer':
      return everybodyAnswers(desired, facts);
    case 'quorumWithout': {
      const { ids } = precondition;
      const left = quorumAfter(desired, facts, ids);
      if (left === undefined || !someoneAnswers(facts)) return 'no';
      return left.spare >= 0 && !ids.some((id) => answeringIds(facts).has(id)) ? 'yes' : 'no';
    }
    case 'othersAnswer': {
      const others = answering.filter(({ name }) => name !== precondition.member);
      if (others.length > 0) return 'yes';
      return unseen ? 'unknown' : 'no';
    }
    case 'othersAllAnswer':
      if (answering.length === 0) return unseen ? 'unknown' : 'no';
      return everybodyAnswers(desired, facts, precondition.member);
    case 'othersServe': {
      const { members } = precondition;
      const away = all.filter(({ name }) => members.includes(name));
      if (away.some((one) => one.answers || (list !== undefined && one.listed === undefined)))
        return 'no';
      if (answering.length > 0) return list === undefined ? 'unknown' : 'yes';
      return all.some(({ name, found }) => found === undefined && !members.includes(name))
        ? 'unknown'
        : 'no';
    }
    case 'listAsWanted':
      if (list === undefined) return 'unknown';
      return strangers.length === 0 &&
        all.every(({ listed, desired: { peerUrl } }) => listed && isAt(listed, peerUrl))
        ? 'yes'
        : 'no';
    case 'quorumIsLost': {
      if (answering.length > 0) return 'no';
      const { voters, unnamed, votes } = votingOf(desired, facts);
      const left = usable.filter(({ name }) => votes(name)).length;
      if (withstands({ voters, answering: left }, 0) && !unseen) return 'no';
      // What voters have that the inventory does not name, nobody has seen.
      const most = { voters, answering: left + unnamed };
      return unseen || withstands(most, 0) ? 'unknown' : 'yes';
    }
    case 'othersCanStart': {
      if (answering.length > 0) return 'no';
      const { voters, unnamed, votes } = votingOf(desired, facts);
      const { length } = usable.filter(({ name }) => name !== precondition.member && votes(name));
      if (withstands({ voters, answering: length }, 0)) return 'yes';
      const most = { voters, answering: length + unnamed };
      return unseen || withstands(most, 0) ? 'unknown' : 'no';
    }
    case 'hasData': {
      if (foundOf(facts, precondition.member) === undefined) return 'unknown';
      return usable.some(({ name }) => name === precondition.member) ? 'yes' : 'no';
    }
    case 'upWouldAct':
      return up === undefined
        ? 'unknown'
        : wouldAct(up, failed, (host) => isMeant(host, precondition.member, desired));
  }
}

/** Whether a cluster may be here that somebody has written to: only what is seen to be empty is empty. */
function mayHaveKeys({ unit, etcd, reportedList, data }: MemberFacts): boolean {
  const isHeard = etcd.healthy || etcd.members !== undefined || reportedList !== undefined;
  const isUntouched = data === undefined || !data.used || data.wasLed === false;
  return isHeard || unit.pid > 0 || !isUntouched;
}

/** Whether each voter in etcd's list is a member that answers; of all but one where that one is named. */
function everybodyAnswers(desired: DesiredCluster, facts: Facts, but?: string): Truth {
  const { members, voters, list } = observed(desired, facts);
  if (list === undefined) return 'unknown';
  const answering = answeringIds(facts);
  const own = members.find(({ name }) => name === but)?.listed?.id;
  const others = voters.filter(({ id }) => id !== own);
  if (others.length > 0 && others.every(({ id }) => answering.has(id))) return 'yes';
  return members.some(({ name, found }) => name !== but && found === undefined) ? 'unknown' : 'no';
}

/** Whether what is done on a host counts for a member: on its own, or on one that is none of the members'. */
function isMeant(host: string, member: string | undefined, { members }: DesiredCluster): boolean {
  return member === undefined || host === member || !members.some(({ name }) => name === host);
}

/** Whether a plan of `up` does anything there, and not the same as the one that failed. */
function wouldAct(up: Plan, failed: Plan | undefined, isThere: (host: string) => boolean): Truth {
  const does = ({ waves }: Plan) =>
    waves.flatMap(({ lanes }) => lanes.filter((lane) => isThere(laneName(lane))));
  const steps = stepsOf(does(up));
  if (up.refusals.length > 0 || steps.length === 0) return 'no';
  if (failed === undefined) return 'yes';
  return JSON.stringify(does(failed)) === JSON.stringify(does(up)) ? 'no' : 'yes';
}
