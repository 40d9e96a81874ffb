import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { isAt } from '../../etcd/peer-url.ts';
import { describeQuorum, neverStarted, quorumWithout } from '../../etcd/quorum.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import {
  alarmsEndedWithout,
  type CorruptionAlarms,
  corruptionAlarms,
  withoutAlarms,
} from '../../observed/corruption.ts';
import { withFound } from '../../observed/found.ts';
import { answeringIds } from '../../observed/membership.ts';
import { type ObservedMember, observed, someoneAnswers } from '../../observed/observed.ts';
import type { Proposal } from '../../problem/problem.ts';
import { INVENTORY, onlyIf, provision, remedy } from '../../problem/remedy.ts';
import { foreignData } from '../ownership/foreign-data.ts';
import { ownershipRefusals } from '../ownership/owners.ts';
import { setUpOf } from '../ownership/set-up.ts';
import type { Refusal } from '../plan.ts';
import { exchangedHosts } from '../refusing/changed-settings.ts';
import { corruption, noCorruption } from '../refusing/corruption.ts';
import { goOnWithout, remedies } from '../refusing/remedies.ts';
import { safely } from '../refusing/situation.ts';
import { membersWithUsableData } from '../start-without.ts';
import { withoutData } from '../without-data.ts';
import { placeOf } from './membership.ts';
import { noMember } from './no-member.ts';
import type { Replacing } from './replacing-state.ts';
import { uncertainCorruption } from './uncertain-corruption.ts';

export interface ReplaceOptions {
  readonly member: string;
  /** Although the member answers. */
  readonly force: boolean;
}

/** How far the replacement of a member has come. Undefined where the inventory has no such member. */
export function replacing(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
): Replacing | undefined {
  const member = observed(cluster, facts).members.find((one) => one.name === name);
  if (member === undefined) return undefined;
  const { listed, found } = member;
  const isListed = listed !== undefined && isSuccessor(member, listed);
  const isOwnData = isListed && (found?.data?.wal?.memberId ?? listed.id) === listed.id;
  const formerUrl = isListed ? undefined : listed?.peerUrls[0];
  const formerHost = hostOf(formerUrl ?? urlRecorded(cluster, facts, name));
  const former = isListed ? undefined : listed;
  return {
    ...{ name, former },
    formerAddress: formerHost === hostOf(member.desired.peerUrl) ? undefined : formerHost,
    ...{ isListed, isOccupied: !isOwnData },
    ended: alarmsEndedWithout(cluster, facts, former?.id),
  };
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : placeOf(url).host;
}

/** Where the others' etcd.conf says that the member is: it is written last, so a killed run has left the former place there. */
function urlRecorded(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
): string | undefined {
  const others = observed(cluster, facts).seen.filter((one) => one.name !== name);
  return others
    .flatMap(({ found }) => setUpOf(cluster, found)?.initialCluster.get(name) ?? [])
    .at(0);
}

/** Whether a listed member has just been added and is on its way: it has not started yet, or has data and no vote. */
function isSuccessor({ desired, found }: ObservedMember, listed: EtcdMember): boolean {
  if (!isAt(listed, desired.peerUrl)) return false;
  if (neverStarted([listed]).length > 0) return true;
  return listed.isLearner && found?.data?.wal?.memberId === listed.id;
}

/** Whether a member is in etcd's list, has its vote, answers and is not called corrupt: nothing of a replacement is left to do. */
export function isWell(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
): boolean {
  const member = observed(cluster, facts).members.find((one) => one.name === name);
  return (
    member?.answers === true &&
    member.listed?.isLearner === false &&
    isAt(member.listed, member.desired.peerUrl) &&
    !isSuspect(corruptionAlarms(cluster, facts), name)
  );
}

/** An alarm that names nobody may be of anybody. */
function isSuspect({ members, isOfNobody }: CorruptionAlarms, name: string): boolean {
  return isOfNobody || members.some((one) => one.name === name);
}

/** Why a member must not be replaced now. */
export function replaceRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  { member: name, force }: ReplaceOptions,
): readonly Refusal[] {
  const { members, seen, list } = observed(cluster, facts);
  const place = replacing(cluster, facts, name);
  const member = members.find((one) => one.name === name);
  if (place === undefined || member === undefined) return [noMember(cluster, name)];
  const foreign = ownershipRefusals(cluster, facts);
  if (foreign.length > 0) return foreign;
  const own = [
    ...exchangedHosts(cluster, facts).filter(({ about }) => about.includes(name)),
    ...(member.found === undefined ? [] : foreignData(cluster, { ...member, found: member.found })),
  ];
  if (own.length > 0) return own;
  if (list === undefined || !someoneAnswers(facts)) return nobodyAnswers(cluster, facts, name);
  // That is told as what there is to do: nothing.
  if (isWell(cluster, facts, name) && !force) return [];
  // An alarm that this does not end is of a member that stays.
  if (corruption(cluster, withoutAlarms(facts, place.ended)).length > 0)
    return noCorruption(cluster, facts);
  const quorum = withoutFormer(cluster, facts, place);
  if (quorum.spare < 0)
    return safely(cluster, facts, [
      {
        kind: 'quorum-at-risk',
        about: [name],
        sentence: `${name} cannot be replaced now: without it ${describeQuorum(quorum)}`,
        next: [remedies.doctor(), ...goOnWithout(name, membersWithUsableData(seen))],
      },
    ]);
  const others = members.filter((one) => one.name !== name);
  const coming = others.filter(({ listed }) => listed?.isLearner !== false);
  if (coming.length > 0)
    return safely(
      cluster,
      facts,
      coming.map((one) => aboutToJoin(name, one)),
    );
  const notAnswering = others.filter((one) => !one.answers);
  if (notAnswering.length > 0)
    return safely(cluster, facts, [severalAreLost(place, member.answers, notAnswering)]);
  return force ? [] : safely(cluster, facts, uncertainCorruption(cluster, facts, place));
}

/** etcd takes one learner at a time, and a newcomer starts with the list as it is. */
function aboutToJoin(name: string, { name: newcomer, listed }: ObservedMember): Proposal {
  return {
    kind: 'about-to-join',
    about: [newcomer],
    sentence: `${name} cannot be replaced now: ${newcomer} is ${listed === undefined ? 'not in the cluster yet' : 'in the list without a vote'}, and one member joins at a time`,
    next: [
      listed === undefined
        ? remedies.leaveOut(newcomer)
        : remedy`take ${newcomer} out of the list: ${provision('etcdctl', INVENTORY, '--', 'member', 'remove', listed.id)}; then out of the inventory, until ${name} is replaced`,
    ],
  };
}

/** Only those that do not answer may be given up. */
function severalAreLost(
  { name, former }: Replacing,
  answers: boolean,
  notAnswering: readonly ObservedMember[],
): Proposal {
  const names = notAnswering.map((one) => one.name).join(', ');
  const verb = notAnswering.length === 1 ? 'does' : 'do';
  const gone = [
    ...(answers || former === undefined ? [] : [{ name, id: former.id }]),
    ...notAnswering.flatMap((one) =>
      one.listed === undefined ? [] : [{ name: one.name, id: one.listed.id }],
    ),
  ];
  const list = gone.map((one) => one.name).join(', ');
  const removal = provision('up', INVENTORY, '--remove', gone.map(({ id }) => id).join(','));
  return {
    kind: 'not-answering',
    about: notAnswering.map((one) => one.name),
    sentence: `${name} cannot be replaced now: ${names} ${verb} not answer${answers ? '' : ' either'}, and while one member is replaced all others must`,
    next: [
      remedies.doctor(),
      onlyIf(
        remedy`if ${list} ${gone.length === 1 ? 'is' : 'are'} lost for good: take ${list} out of the inventory, then ${removal}; put back into the inventory, ${provision('up', INVENTORY)} adds ${gone.length === 1 ? 'it' : 'them'}`,
        { kind: 'quorumWithout', ids: gone.map(({ id }) => id) },
      ),
    ],
  };
}

/** The quorum of those that stay while the former member is gone. */
function withoutFormer(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  { name, former }: Replacing,
) {
  const { list, members } = observed(cluster, facts);
  const own = members.find((one) => one.name === name)?.listed?.id;
  const answering = [...answeringIds(facts)].filter((id) => id !== own);
  const gone = new Set(former === undefined ? [] : [former.id]);
  return quorumWithout(list?.members ?? [], gone, new Set(answering));
}

function nobodyAnswers(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  name: string,
): readonly Refusal[] {
  const { seen } = observed(cluster, facts);
  return safely(cluster, facts, [
    {
      kind: 'no-answer',
      about: [name],
      sentence: `${name} cannot be replaced now: no member answers, and only a cluster with a quorum can change its list of members`,
      next: [
        ...goOnWithout(name, membersWithUsableData(seen)),
        remedy`bring the others back first: ${provision('doctor', INVENTORY)}`,
      ],
    },
  ]);
}

/** The facts as they will be once the former member is out of the list with its alarm, and its data moved aside. */
export function withoutFormerMember(
  facts: ClusterFacts,
  { name, former, formerAddress, isOccupied, ended }: Replacing,
): ClusterFacts {
  const isLeft = ({ id }: Pick<EtcdMember, 'id'>) => id !== former?.id;
  return withFound(withoutAlarms(facts, ended), (found, host) => {
    const { etcd, reportedList } = found;
    if (host === name && isOccupied) {
      const bare = withoutData(found);
      // Retired under its former address, the unit of the same host is disabled.
      return formerAddress === undefined
        ? bare
        : { ...bare, unit: { ...bare.unit, enabled: false } };
    }
    return {
      ...found,
      etcd: {
        ...etcd,
        members: etcd.members && {
          ...etcd.members,
          members: etcd.members.members.filter(isLeft),
        },
      },
      ...(reportedList && {
        reportedList: { ...reportedList, members: reportedList.members.filter(isLeft) },
      }),
    };
  });
}
