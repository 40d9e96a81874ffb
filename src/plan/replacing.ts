import type { DesiredCluster } from '../desired/cluster.ts';
import type { EtcdMember } from '../etcd/answers.ts';
import { describeQuorum, neverStarted, quorumOf } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { withFound } from '../observed/found.ts';
import { answeringIds } from '../observed/membership.ts';
import { type ObservedMember, observed, someoneAnswers } from '../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { foreignData } from './boot.ts';
import { exchangedHosts } from './changed-settings.ts';
import { placeOf } from './membership.ts';
import { ownershipRefusals } from './owners.ts';
import type { Refusal } from './plan.ts';
import { remedies } from './remedies.ts';
import { safely } from './situation.ts';
import { hasSoundData } from './start-without.ts';

/** A member whose place in the cluster a new one takes, of the same name and without data. */
export interface Replacing {
  readonly name: string;
  /** What is to be taken out of etcd's list; nothing where that has been done. */
  readonly former: EtcdMember | undefined;
  /** Where the former member ran, if that is another machine than the inventory names now. */
  readonly formerAddress: string | undefined;
  /** Whether its successor is in the list already. */
  readonly isListed: boolean;
  /** Whether its host is still the former member's: its process and data go out of the way. */
  readonly isOccupied: boolean;
}

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
  const [formerUrl = ''] = listed?.peerUrls ?? [];
  const isElsewhere = listed !== undefined && !listed.peerUrls.includes(member.desired.peerUrl);
  const isOwnData = isListed && (found?.data?.wal?.memberId ?? listed.id) === listed.id;
  return {
    name,
    former: isListed ? undefined : listed,
    formerAddress: !isListed && isElsewhere ? placeOf(formerUrl).host : undefined,
    ...{ isListed, isOccupied: !isOwnData },
  };
}

/** Whether a listed member has just been added and is on its way: it has not started yet, or has data and no vote. */
function isSuccessor({ desired, found }: ObservedMember, listed: EtcdMember): boolean {
  if (!listed.peerUrls.includes(desired.peerUrl)) return false;
  if (neverStarted([listed]).length > 0) return true;
  return listed.isLearner && found?.data?.wal?.memberId === listed.id;
}

/** Whether a member is in etcd's list, has its vote and answers: nothing of a replacement is left to do. */
export function isWell(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
): boolean {
  const member = observed(cluster, facts).members.find((one) => one.name === name);
  return (
    member?.answers === true &&
    member.listed?.isLearner === false &&
    member.listed.peerUrls.includes(member.desired.peerUrl)
  );
}

/** Why a member must not be replaced now. */
export function replaceRefusals(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  { member: name, force }: ReplaceOptions,
): readonly Refusal[] {
  const { members, list, strangers } = observed(cluster, facts);
  const place = replacing(cluster, facts, name);
  const member = members.find((one) => one.name === name);
  if (place === undefined || member === undefined)
    return [
      {
        about: [name],
        sentence: `${cluster.name} has no member ${name}`,
        next: [remedy`name one of ${members.map((one) => one.name).join(', ')}`],
      },
    ];
  const foreign = ownershipRefusals(cluster, facts);
  if (foreign.length > 0) return foreign;
  const own = [
    ...exchangedHosts(cluster, facts).filter(({ about = [] }) => about.includes(name)),
    ...(member.found === undefined ? [] : foreignData(cluster, { ...member, found: member.found })),
  ];
  if (own.length > 0) return own;
  if (list === undefined || !someoneAnswers(facts)) return nobodyAnswers(cluster, facts, name);
  const quorum = withoutFormer(cluster, facts, place);
  if (quorum.spare < 0)
    return safely(cluster, facts, [
      {
        about: [name],
        sentence: `${name} cannot be replaced now: without it ${describeQuorum(quorum)}`,
        next: [remedies.doctor(), ...saveTheOthers(cluster, facts, name)],
      },
    ]);
  const busy = members.find((one) => one.name !== name && one.listed?.isLearner !== false);
  if (busy !== undefined)
    return [
      {
        about: [busy.name],
        sentence: `${name} cannot be replaced now: ${busy.name} is about to join, and one member joins at a time`,
        next: [remedy`finish that first: ${provision('up', INVENTORY)}`],
      },
    ];
  const [stranger] = strangers.filter(({ id }) => id !== place.former?.id);
  if (stranger !== undefined)
    return safely(cluster, facts, [
      {
        about: [stranger.name || stranger.id],
        sentence: `${name} cannot be replaced now: the cluster has a member ${stranger.name || stranger.id} at ${stranger.peerUrls.join(', ')} that the inventory does not name`,
        next: [remedies.nameStranger(stranger), remedies.removeByUp(stranger)],
      },
    ]);
  const silent = members.filter((one) => one.name !== name && !one.answers);
  if (silent.length > 0)
    return [
      {
        about: silent.map((one) => one.name),
        sentence: `${name} cannot be replaced now: ${silent.map((one) => one.name).join(', ')} ${silent.length === 1 ? 'does' : 'do'} not answer either, and one member is replaced at a time`,
        next: [
          remedies.doctor(),
          remedy`where more than one is lost for good: take them out of the inventory, and out of the cluster by ${provision('up', INVENTORY, '--remove', [name, ...silent.map((one) => one.name)].join(','))}; then put them back and ${provision('up', INVENTORY)} adds them`,
        ],
      },
    ];
  if (isWell(cluster, facts, name) && !force)
    return [
      {
        about: [name],
        sentence: `${name} answers, as member ${member.listed?.id}: nothing of a replacement is left to do`,
        next: [remedy`if it is to be replaced although it answers: add --force`],
      },
    ];
  return [];
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
  const staying = list?.members.filter(({ id }) => id !== former?.id) ?? [];
  return quorumOf(staying, new Set(answering));
}

function nobodyAnswers(
  cluster: DesiredCluster,
  facts: ClusterFacts,
  name: string,
): readonly Refusal[] {
  return safely(cluster, facts, [
    {
      about: [name],
      sentence: `${name} cannot be replaced now: no member answers, and only a cluster with a quorum can change its list of members`,
      next: [
        ...saveTheOthers(cluster, facts, name),
        remedy`bring the others back first: ${provision('doctor', INVENTORY)}`,
      ],
    },
  ]);
}

/** Those that have their data start without it, or, where they are too few for a quorum, a new cluster is made of one. */
function saveTheOthers(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
  name: string,
) {
  const sound = observed(cluster, facts).seen.filter(
    (one) => one.name !== name && hasSoundData(one),
  );
  const names = sound.map((one) => one.name);
  return [
    remedies.startWithout(name, names),
    ...names.map((other) => remedies.restoreFromMember(other)),
  ];
}

/** The facts as they will be once the former member is out of the list, and its data moved aside. */
export function withoutFormerMember(
  facts: ClusterFacts,
  { name, former, isOccupied }: Replacing,
): ClusterFacts {
  const isLeft = ({ id }: Pick<EtcdMember, 'id'>) => id !== former?.id;
  return withFound(facts, (found, host) => {
    const { etcd, reportedList } = found;
    if (host === name && isOccupied) {
      const { reportedList: _told, database: _damaged, ...kept } = found;
      return {
        ...kept,
        unit: { ...found.unit, pid: 0, process: undefined, startedAt: undefined },
        etcd: { healthy: false, complaint: undefined, members: undefined, status: undefined },
        listeners: found.listeners.filter(({ pid }) => pid !== found.unit.pid || pid === 0),
        data: undefined,
      };
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
