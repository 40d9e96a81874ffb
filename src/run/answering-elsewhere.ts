import type { ClusterFacts } from '../facts/cluster.ts';
import { askFromOutside } from '../facts/etcd/strangers.ts';
import { observed } from '../observed/observed.ts';
import { readdressedMembers } from '../plan/readdressing/readdressed.ts';
import type { Session } from './session.ts';

/**
 * The same facts with the members that are to be dialled at another address, where they do not run, and that answer at their
 * former one: what is at the other address is a copy of their data then. They are asked from a member that answers.
 */
export async function withAnsweringElsewhere(
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: ClusterFacts,
): Promise<ClusterFacts> {
  const { answers, members } = observed(desired, facts);
  const idle = new Set(members.flatMap(({ name, runs }) => (runs ? [] : [name])));
  const moved = readdressedMembers(desired, facts).filter(({ name }) => idle.has(name));
  const host = answers.map(({ name }) => hosts.get(name)).find((one) => one !== undefined);
  if (moved.length === 0 || host === undefined) return facts;
  const told = await askFromOutside(
    host,
    desired,
    moved.map(({ entry }) => entry),
  );
  const ids = [...told].flatMap(([id, who]) => (who === 'itself' ? [id] : []));
  return { ...facts, answeringElsewhere: new Set(ids) };
}
