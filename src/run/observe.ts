import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherFacts } from '../facts/gather.ts';
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
  return facts;
}
