import type { ClusterFacts } from '../facts/cluster.ts';
import { observePki } from '../facts/pki.ts';
import type { Plan } from '../plan/plan.ts';
import type { Problem } from '../problem/problem.ts';
import { adviceContextOf, advise } from './advise.ts';
import { CUT_OFF, memberCauses } from './causes/member-causes.ts';
import { withReaches } from './looks/dial-ports.ts';
import { linesOf } from './looks/evidence.ts';
import { examine, type ReachedCluster } from './looks/examine.ts';
import { type ExaminedCluster, examinedMembers } from './looks/examined.ts';
import { steadily } from './looks/steady.ts';

/**
 * Looks at every member of a cluster that does not come up, and says why, causes before consequences: from facts first, then
 * from what the logs say of this start. `failed` is the plan that was being carried out.
 */
export async function diagnose(
  around: ReachedCluster,
  failed?: Plan,
): Promise<{
  readonly diagnoses: readonly Problem[];
  readonly journals: string;
}> {
  const { seen } = await steadily(around, async () => ({
    seen: await withReaches(await examine(around), around),
  }));
  const cluster = { desired: around.desired, seen, isWhole: false };
  const journals = examinedMembers(cluster).map(
    (one) =>
      `== ${one.member.name}\n${linesOf(one)
        .map(({ text }) => text)
        .join('\n')}`,
  );
  // What is not known, and shown by nothing, says no more than the failure itself. Clients that a run has cut off are let in
  // again by that run, or it says itself that they are not.
  const diagnoses = memberCauses(cluster).filter(
    ({ kind, evidence = [] }) => (kind !== 'unknown' || evidence.length > 0) && kind !== CUT_OFF,
  );
  const ground = adviceContextOf(
    around.desired,
    await factsOf(cluster, around.store),
    diagnoses,
    failed,
  );
  return {
    diagnoses: diagnoses.map((one) => advise(ground, one).problem),
    journals: journals.join('\n\n'),
  };
}

/** What a plan is made from, as far as it was seen. */
export async function factsOf(
  { seen }: Pick<ExaminedCluster, 'seen'>,
  store: string,
): Promise<ClusterFacts> {
  return {
    members: new Map(
      seen.map(({ member, found }) => [
        member.name,
        'facts' in found ? found.facts : { unreachable: found },
      ]),
    ),
    consumers: new Map(),
    ...(await observePki(store)),
    ...{ binaries: [], now: new Date() },
  };
}
