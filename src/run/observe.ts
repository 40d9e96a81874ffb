import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherFacts } from '../facts/gather.ts';
import { askFromOutside } from '../facts/strangers.ts';
import { observed } from '../observed/observed.ts';
import { requireSeen } from './needs.ts';
import { everyHost, type Session } from './session.ts';

/** Looks at every host of a session and at the PKI store. Throws a Failure where a host that is needed cannot be asked. */
export async function observe(
  session: Pick<
    Session,
    'desired' | 'hosts' | 'consumers' | 'unreachable' | 'store' | 'binaries' | 'needs'
  >,
): Promise<ClusterFacts> {
  const { desired, store, unreachable, needs, binaries } = session;
  const reach = { hosts: everyHost(session), store, unreachable };
  const facts = await gatherFacts(reach, desired, binaries());
  requireSeen(facts, needs);
  return withStrangers(session, facts);
}

/** Members of etcd's list that the inventory does not name are asked too, from a member that answers. */
async function withStrangers(
  { desired, hosts }: Pick<Session, 'desired' | 'hosts'>,
  facts: ClusterFacts,
): Promise<ClusterFacts> {
  const { strangers, answers } = observed(desired, facts);
  const host = answers.map(({ name }) => hosts.get(name)).find((one) => one !== undefined);
  if (strangers.length === 0 || host === undefined) return facts;
  const told = await askFromOutside(host, desired, strangers);
  const answeringStrangers = new Set(
    [...told].flatMap(([id, who]) => (who === 'itself' ? [id] : [])),
  );
  return { ...facts, answeringStrangers };
}
