import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import type { Refusal } from './plan.ts';
import { describeWitnesses, protocolWitnesses, switchRoads, type Witness } from './protocol.ts';

/** Who says http and who https, with what mends it. */
export type Quarrel = Refusal & { readonly isMendedByUp: boolean };

/**
 * What inventory, membership and listeners disagree about, if they do. Peer URLs live in raft membership: changing the
 * configuration alone isolates members (etcd-io/etcd#8353, website#604).
 */
export function protocolQuarrel(
  cluster: Pick<DesiredCluster, 'name' | 'protocol' | 'members'>,
  facts: Pick<ClusterFacts, 'members'>,
): Quarrel | undefined {
  const all = protocolWitnesses(facts);
  const witnesses = all.filter(({ protocol }) => protocol !== cluster.protocol);
  if (witnesses.length === 0) return undefined;
  const other = cluster.protocol === 'https' ? 'http' : 'https';
  const seen = describeWitnesses(witnesses);
  if (isConfigurationAlone(cluster, facts, all)) {
    return {
      sentence: `${cluster.name}: inventory and membership say ${cluster.protocol}, but ${other} is in ${seen}: the configuration was changed alone, so members do not understand each other`,
      next: [
        remedy`${provision('up', INVENTORY)} writes the configuration anew and restarts them; to change the protocol, provision migrate after that`,
      ],
      isMendedByUp: true,
    };
  }
  return {
    sentence: `${cluster.name}: the inventory says ${cluster.protocol}, but ${other} is still in ${seen}; up alone never switches the protocol, because members would stop understanding each other`,
    next: switchRoads(cluster.protocol, other),
    isMendedByUp: false,
  };
}

/** Whether nobody is heard and the membership is as the inventory wants it: then a restart has nothing to take away. */
function isConfigurationAlone(
  { members, protocol }: Pick<DesiredCluster, 'members' | 'protocol'>,
  facts: Pick<ClusterFacts, 'members'>,
  witnesses: readonly Witness[],
): boolean {
  if ([...facts.members.values()].some(({ etcd }) => etcd.healthy)) return false;
  const dialled = witnesses.filter(({ source }) => source === 'the membership');
  return (
    members.every(({ name }) => dialled.some(({ member }) => member === name)) &&
    dialled.every((one) => one.protocol === protocol)
  );
}
