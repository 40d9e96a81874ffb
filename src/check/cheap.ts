import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { seenMembers } from '../observed/observed.ts';
import { BACKDATE } from '../pki/verify/judge.ts';
import type { KnownHost } from './checked-host.ts';
import { architecture, systemd } from './machine-checks.ts';
import { ports } from './network-checks.ts';
import { clock } from './time-checks.ts';
import { type CheckResult, judgeHost } from './verdict.ts';

/** The checks that need nothing but what every run knows anyway. */
export const CHEAP_CHECKS = [systemd, architecture, clock, ports] as const;

/** What the cheap checks say of every member whose facts are known. */
export function cheapFindings(
  cluster: DesiredCluster,
  facts: ClusterFacts,
): readonly CheckResult[] {
  return knownHosts(cluster, facts).flatMap((host) =>
    judgeHost(CHEAP_CHECKS, host.member.name, host),
  );
}

/** The members whose facts are known, as the cheap checks want them. */
export function knownHosts(cluster: DesiredCluster, facts: ClusterFacts): readonly KnownHost[] {
  return seenMembers(cluster, facts).map(({ name, desired: member, found }) => ({
    cluster,
    member,
    facts: found,
    clock: found.clock,
    now: facts.now,
    binaries: facts.binaries,
    certificates: validity(cluster, name, facts),
  }));
}

/** When all certificates of a member are valid; those missing, expired or dated in the future will be issued, valid from a little before now. */
function validity(
  { certificates }: DesiredCluster,
  member: string,
  { store, now }: ClusterFacts,
): KnownHost['certificates'] {
  const own = certificates.filter((certificate) => certificate.member === member);
  if (own.length === 0) return undefined;
  const stored = own
    .map(({ id }) => store.certificates.get(id)?.fact)
    // Those dated in the future by a wrong clock are issued again as well.
    .map((fact) =>
      fact !== undefined && fact.notAfter > now && fact.notBefore <= now ? fact : undefined,
    );
  const from = stored.map((fact) => fact?.notBefore.getTime() ?? now.getTime() - BACKDATE);
  const until = stored.map((fact) => fact?.notAfter.getTime() ?? Number.POSITIVE_INFINITY);
  return { from: new Date(Math.max(...from)), until: new Date(Math.min(8.64e15, ...until)) };
}
