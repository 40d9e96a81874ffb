import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { EtcdMember, MemberList } from '../etcd/answers.ts';
import { majority } from '../etcd/quorum.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { observed, someoneAnswers } from '../observed/observed.ts';
import { newcomers } from './membership.ts';
import type { Refusal } from './plan.ts';
import { remedies } from './remedies.ts';
import { safely } from './situation.ts';

/** Refuses members that the inventory adds or leaves out: a change of membership is an operation of its own, not one of `up`. */
export function membershipIsKept(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  const { list, voters, strangers } = observed(cluster, facts);
  const added = newcomers(cluster, facts);
  const [first] = added;
  return safely(cluster, facts, [
    ...added.map((member) => ({
      about: [member.name],
      sentence: isNew(member, list),
      next: [
        remedies.leaveOut(member.name),
        ...(member === first ? [remedies.addMember(member)] : []),
      ],
    })),
    ...strangers.map((member) => ({
      about: [member.name || member.id],
      sentence: isStranger(member, voters.length),
      next: [remedies.nameStranger(member)],
    })),
  ]);
}

/**
 * Refuses to stop a cluster of which the inventory does not name all members: those that are left out would run on without
 * a quorum, with data that is no longer the cluster's.
 */
export function wholeClusterIsNamed(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  if (!someoneAnswers(facts)) return [];
  const { voters, strangers } = observed(cluster, facts);
  const started = strangers.filter(({ name }) => name !== '');
  return safely(
    cluster,
    facts,
    started.map((member) => ({
      about: [member.name],
      sentence: isStranger(member, voters.length),
      next: [remedies.nameStranger(member)],
    })),
  );
}

function isNew({ name, peerUrl }: DesiredMember, list: MemberList | undefined): string {
  const place = `${name} at ${peerUrl}`;
  return list === undefined
    ? `${name}: is new: the cluster was made without ${place}`
    : `${name}: is new: the running cluster ${list.clusterId} has never had ${place}; its members are ${list.members.map((one) => one.name || one.id).join(', ')}`;
}

function isStranger({ name, id, peerUrls }: EtcdMember, size: number): string {
  return `the running cluster has a member ${name || id} at ${peerUrls.join(', ')} that the inventory does not name${name === '' ? '; it has never started' : ''}; it counts: ${majority(size)} of ${size} must answer`;
}
