import type { ClusterFacts } from '../facts/cluster.ts';
import { askFromOutside } from '../facts/etcd/strangers.ts';
import { observed } from '../observed/observed.ts';
import type { Session } from './session.ts';

/**
 * The same facts with the strangers that answer: members of etcd's list that the inventory does not name count for the
 * quorum like others. They are asked from a member that answers; nobody is where there are none.
 */
export async function withAnsweringStrangers<Facts extends Pick<ClusterFacts, 'members'>>(
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: Facts,
): Promise<Facts & Pick<ClusterFacts, 'answeringStrangers'>> {
  const { strangers, answers, outgoing } = observed(desired, facts);
  const asking = [...answers, ...outgoing.filter((one) => one.answers)];
  const host = asking.map(({ name }) => hosts.get(name)).find((one) => one !== undefined);
  if (strangers.length === 0 || host === undefined) return facts;
  const told = await askFromOutside(host, desired, strangers);
  const answeringStrangers = new Set(
    [...told].flatMap(([id, who]) => (who === 'itself' ? [id] : [])),
  );
  return { ...facts, answeringStrangers };
}
