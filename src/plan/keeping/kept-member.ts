import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { CertificateWish } from '../certificates/member-certificates.ts';
import type { MemberPlan, MemberWish } from '../member.ts';
import type { QuietStep } from '../step.ts';
import { when } from '../step-words.ts';
import { keptCertificates } from './kept-certificates.ts';

/**
 * What a member needs that goes on by the unit, the configuration and the program of somebody else: of all that it would need to
 * run as ours only what lies beside theirs, and a guard for its data.
 */
export function planKept(
  cluster: DesiredCluster,
  member: DesiredMember,
  facts: ClusterFacts,
  found: MemberFacts,
  { name, running, ready, asksPeers, isEmpty, link, tools }: MemberPlan,
  { restart, ...certificates }: MemberWish & CertificateWish,
): MemberPlan {
  return {
    ...{ name, running, ready, asksPeers, isEmpty, link, tools },
    ...{ program: undefined, clear: [], prepare: placeOfOurs(cluster, found), server: [] },
    certificates: keptCertificates(cluster, member, facts, found, certificates),
    configuration: guardSteps(cluster, member, found),
    restartBecause: running ? restart : undefined,
  };
}

function guardSteps(
  { unit }: DesiredCluster,
  { guard }: DesiredMember,
  { unit: { stale }, launch }: MemberFacts,
): readonly QuietStep[] {
  if (guard === undefined) return [];
  const there = launch.dropIns.find(({ path }) => path === guard.path);
  const because =
    there === undefined
      ? 'without its data it must not start empty'
      : there.content !== guard.content
        ? 'its content differs'
        : 'systemd must read its files again';
  const isDue = there?.content !== guard.content || stale;
  return when(isDue, { kind: 'guard-unit', unit, ...guard, because });
}

/** Certificates and timers of ours lie there, whatever theirs is called. */
function placeOfOurs({ paths }: DesiredCluster, { places }: MemberFacts): readonly QuietStep[] {
  return when(places.get(paths.conf) === undefined, {
    ...({ kind: 'prepare-host', account: 'root' } as const),
    directories: [{ path: paths.conf, mode: 0o755, owner: 'root:root' }],
    because: 'what is ours lies beside theirs',
  });
}
