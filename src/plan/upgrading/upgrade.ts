import type { DesiredCluster } from '../../desired/cluster.ts';
import { canGoBack, changesMinor } from '../../etcd/upgrade-path.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { convergeWaves, type Scope } from '../converge-waves.ts';
import { type Decision, type DecisionOptions, decide } from '../decision.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import type { Plan, Wave } from '../plan.ts';
import { runningVersion } from '../refusing/versions.ts';
import { rollMembers } from '../roll-members.ts';
import { waiting } from '../unnoticed.ts';
import { namesOf, prepareRunning } from '../waves.ts';
import { beginNewLogs, cancelWaves, logNotes } from './cluster-version.ts';
import { factsAfterUpgrade, withProgramsOf } from './facts-after-upgrade.ts';
import { upgradePathOf } from './upgrade-path-of.ts';
import { upgradeRefusals } from './upgrade-refusals.ts';

/**
 * Brings a cluster to a later minor version: through each one between, all members to the first before one goes on to the
 * second (etcd-facts §6.1). Every program is on every host before the first member stops.
 */
export function planUpgrade(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { limit, ...options }: Omit<DecisionOptions, 'upgrades'> & Pick<Scope, 'limit'>,
): Plan {
  const way = upgradePathOf(desired, facts);
  const refusals = upgradeRefusals(desired, facts, way);
  if (refusals.length > 0) return refusedPlan(desired, refusals);
  const { from, versions } = way;
  const stages: Decision[] = [];
  for (const version of versions) {
    const last = stages.at(-1);
    const target = version === desired.version ? desired : desired.withVersion(version);
    const seen = last === undefined ? facts : factsAfterUpgrade(last.desired, last.facts);
    const decision = decide(target, withProgramsOf(target, seen, facts), {
      ...options,
      upgrades: true,
    });
    if (decision.refusals.length > 0) return refusedPlan(desired, decision.refusals);
    stages.push(decision);
  }
  const [first, ...further] = stages;
  if (first === undefined) return planOf(desired, []);
  const waves = [
    ...further.flatMap(({ desired: { version }, members }) =>
      prepareRunning(members, true, [], `bring programs of ${version}`),
    ),
    ...stage(
      first,
      convergeWaves(first, {
        ...turnsTo(first),
        ahead: [
          ...cancelWaves(desired, facts, limit),
          ...beginNewLogs(first.desired, facts, limit),
        ],
      }).waves,
    ),
    ...further.flatMap((one) =>
      stage(one, [...beginNewLogs(one.desired, one.facts, limit), ...restarts(one)]),
    ),
  ];
  return planOf(desired, waves, {
    notes: [wayBack(from, desired.version), ...logNotes(desired, facts)],
  });
}

/** The waves of one version, and that the cluster has taken it up before the next one comes. */
function stage({ desired }: Decision, waves: readonly Wave[]): readonly Wave[] {
  const { version } = desired;
  const members = namesOf(desired);
  const served = [{ kind: 'serves-version', members, version }] as const;
  return [...waves, ...waiting(`see that all serve ${version}`, members, served)];
}

function restarts({ desired, facts, members }: Decision): readonly Wave[] {
  const turns = turnsTo({ desired });
  return rollMembers(desired, facts, members, { ...turns, withCertificates: false });
}

/** The leader raises the version of the cluster behind the last member, and no older program starts from then on. */
function turnsTo({ desired: { version } }: Pick<Decision, 'desired'>) {
  return {
    titleOf: (member: string, isRestarted: boolean) =>
      isRestarted ? `upgrade ${member} to ${version}` : `change ${member}`,
    changesMinor: (found: MemberFacts) => changesMinor(runningVersion(found) ?? version, version),
  };
}

function wayBack(from: string, to: string): string {
  const by = canGoBack(to, from) ? "etcd's own downgrade" : undefined;
  const restore = `by restore with etcd.version ${from}`;
  const afterwards =
    by === undefined
      ? `only the snapshot that is taken first leads back, ${restore}`
      : `${by} leads back, with etcd.version ${from} and up, or the snapshot that is taken first, ${restore}`;
  return `the way back: as long as one member runs ${from}, a member that does not come up with ${to} gets its old program again; afterwards ${afterwards}`;
}
