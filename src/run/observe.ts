import type { ClusterFacts } from '../facts/cluster.ts';
import { gatherFacts } from '../facts/gather.ts';
import { askPrograms } from '../facts/programs.ts';
import { changesToLaterMinor, upgradePathOf } from '../plan/upgrading/upgrade-path-of.ts';
import { withAnsweringElsewhere } from './answering-elsewhere.ts';
import { withAnsweringStrangers } from './answering-strangers.ts';
import type { SeenEarly } from './early-looks.ts';
import { requireSeen } from './needs.ts';
import { withRemovedHosts } from './removed-hosts.ts';
import { everyHost, type Session } from './session.ts';

/**
 * Looks at every host of a session, at those seen early for what their etcd says alone, and at the PKI store. Throws a Failure
 * where a host that is needed cannot be asked.
 */
export async function observe(
  session: Pick<
    Session,
    | ('desired' | 'hosts' | 'consumers' | 'unreachable')
    | ('store' | 'binaries' | 'hasEveryVersion' | 'needs')
  > &
    Partial<Pick<Session, 'reach' | 'removing'>>,
  seen?: SeenEarly,
): Promise<ClusterFacts> {
  const { desired, store, unreachable, needs, binaries } = session;
  const reach = { hosts: everyHost(session), store, unreachable, ...(seen && { seen }) };
  const facts = await gatherFacts(reach, desired, binaries());
  requireSeen(facts, needs);
  const asked = await withAnsweringElsewhere(session, facts);
  const known = await withAnsweringStrangers(session, asked);
  const { reach: connect, removing = [] } = session;
  const whole =
    connect === undefined
      ? known
      : await withRemovedHosts({ desired, reach: connect, removing }, known);
  return withPrograms(session, whole);
}

/** On the way to a later minor version members pass through others, whose programs have to be there too. */
async function withPrograms(
  {
    desired,
    hosts,
    binaries,
    hasEveryVersion,
  }: Pick<Session, 'desired' | 'hosts' | 'binaries' | 'hasEveryVersion'>,
  facts: ClusterFacts,
): Promise<ClusterFacts> {
  if (!hasEveryVersion || !changesToLaterMinor(desired, facts)) return facts;
  const versions = upgradePathOf(desired, facts).versions.slice(0, -1);
  const programs = await Promise.all(
    versions.map(async (version) => {
      const { binaries: directory } = desired.withVersion(version).paths;
      const [local, there] = await Promise.all([
        binaries(version),
        askPrograms(hosts, directory, version),
      ]);
      return [version, { binaries: local, there }] as const;
    }),
  );
  return { ...facts, programs: new Map(programs) };
}
