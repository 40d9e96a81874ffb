import type { ClusterFacts } from '../../facts/cluster.ts';
import { observe } from '../../run/observe.ts';
import type { Session } from '../../run/session.ts';

/** What is on the hosts, without programs to bring there: nothing is started. Throws a Failure. */
export async function lookWithoutPrograms(session: Session): Promise<ClusterFacts> {
  return observe({ ...session, binaries: () => Promise.resolve([]), hasEveryVersion: false });
}
