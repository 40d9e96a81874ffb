import type { DesiredCluster } from '../../desired/cluster.ts';
import type { Protocol } from '../../desired/dual-protocol.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { allFound } from '../../observed/found.ts';
import { seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Refusal } from '../plan.ts';
import {
  describeWitnesses,
  migrateTo,
  protocolWitnesses,
  switchWays,
  type Witness,
} from './protocol.ts';
import { servedBy, servesBoth } from './serving.ts';

/** Who says http and who https, with how to fix it. */
export type ProtocolMismatch = Refusal & { readonly isFixedByUp: boolean };

/**
 * What inventory, membership and listeners disagree about, if they do. Peer URLs live in raft membership: changing the
 * configuration alone isolates members (etcd-io/etcd#8353, website#604).
 */
export function protocolMismatch(
  cluster: Pick<DesiredCluster, 'name' | 'protocol' | 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): ProtocolMismatch | undefined {
  const left = portLeft(cluster, facts);
  if (left !== undefined) return left;
  const all = protocolWitnesses(facts);
  const witnesses = all.filter(({ protocol }) => protocol !== cluster.protocol);
  if (witnesses.length === 0) return undefined;
  const other = cluster.protocol === 'https' ? 'http' : 'https';
  const seen = describeWitnesses(witnesses);
  if (isConfigurationAlone(cluster, facts, all)) {
    return {
      kind: 'configuration-alone',
      about: [],
      sentence: `${cluster.name}: inventory and membership say ${cluster.protocol}, but ${other} is in ${seen}: the configuration was changed alone, so members do not understand each other`,
      next: [
        remedy`${provision('up', INVENTORY)} writes the configuration again and restarts them; to change the protocol after that: ${migrateTo(other)}`,
      ],
      isFixedByUp: true,
    };
  }
  const dual = bothServed(cluster, facts, seen, other);
  if (dual !== undefined) return dual;
  // By the inventory, or, while a switch is under way, by its --to.
  const still = witnesses.length === all.length ? 'is' : 'is still';
  return {
    kind: 'protocol-changed',
    about: [],
    sentence: `${cluster.name}: ${cluster.protocol} is wanted, but ${other} ${still} in ${seen}; up alone never switches the protocol, because members would stop understanding each other`,
    next: switchWays(cluster.protocol, other),
    isFixedByUp: false,
  };
}

/** The dual-protocol stage of a switch: it is finished or taken back, whichever protocol the inventory says. */
function bothServed(
  { name, protocol }: Pick<DesiredCluster, 'name' | 'protocol'>,
  { members }: Pick<ClusterFacts, 'members'>,
  seen: string,
  other: Protocol,
): ProtocolMismatch | undefined {
  const served = servedBy(allFound({ members }).find(servesBoth));
  if (served.length === 0) return undefined;
  const ports = served.map((one) => `${one.protocol} at port ${one.port}`).join(', ');
  return {
    kind: 'switch-unfinished',
    about: [],
    sentence: `${name}: a switch between http and https is not finished: clients are served by both (${ports}); ${protocol} is wanted, ${other} is in ${seen}`,
    next: (['https', 'http'] as const).map(
      (to) =>
        remedy`to end in ${to}: ${migrateTo(to)}; once clients have moved: ${migrateTo(to, '--finish')}`,
    ),
    isFixedByUp: false,
  };
}

/** The port of the stage, served still for clients that have not left it: up would close it under them. */
function portLeft(
  desired: Pick<DesiredCluster, 'name' | 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): ProtocolMismatch | undefined {
  const { name } = desired;
  const places = seenMembers(desired, facts).flatMap(({ runs, found, ...member }) => {
    // What a member without a process and without data was configured with says nothing: it will start as it is meant to.
    if (!runs && found.data?.used !== true) return [];
    const served = servedBy(found);
    const { client } = member.desired.listener.ports;
    const other = served.find(({ port }) => port !== client);
    const isLeft = served.length > 1 && new Set(served.map(({ protocol }) => protocol)).size === 1;
    return isLeft && other !== undefined && served.some(({ port }) => port === client)
      ? [{ member: member.name, client, ...other }]
      : [];
  });
  const [first] = places;
  if (first === undefined) return undefined;
  const { client, port, protocol } = first;
  return {
    kind: 'switch-unfinished',
    about: [],
    sentence: `${name}: a switch to ${protocol} is not finished: ${places.map(({ member }) => member).join(', ')} ${places.length === 1 ? 'serves' : 'serve'} ${protocol} at port ${client}, and still at port ${port}`,
    next: [remedy`have clients use port ${client}, then: ${migrateTo(protocol, '--finish')}`],
    isFixedByUp: false,
  };
}

/** Whether nobody is heard and the membership is as the inventory wants it: then a restart has nothing to take away. */
function isConfigurationAlone(
  { members, protocol }: Pick<DesiredCluster, 'members' | 'protocol'>,
  facts: Pick<ClusterFacts, 'members'>,
  witnesses: readonly Witness[],
): boolean {
  if (someoneAnswers(facts)) return false;
  const dialled = witnesses.filter(({ source }) => source === 'the membership');
  return (
    members.every(({ name }) => dialled.some(({ member }) => member === name)) &&
    dialled.every((one) => one.protocol === protocol)
  );
}
