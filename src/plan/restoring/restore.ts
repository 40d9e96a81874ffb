import { ownPlaces } from '../../desired/access.ts';
import type { DesiredCluster } from '../../desired/cluster.ts';
import { restorePlaces } from '../../desired/restoring.ts';
import { leads } from '../../etcd/leader.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { RestoreFact } from '../../facts/data/restore.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers, someoneAnswers } from '../../observed/observed.ts';
import { makeCertificates, planCertificates } from '../certificates/certificates.ts';
import { trustedBy, trustToKeep } from '../certificates/narrowed.ts';
import { onHost, stepsOf } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import { planMember } from '../member.ts';
import type { Plan, Wave } from '../plan.ts';
import type { HostStep } from '../step.ts';
import { stopping, together, whileStopped } from '../together.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf } from '../waves.ts';
import { restoreGoal } from './restore-goal.ts';
import type { RestoreOptions } from './restore-options.ts';
import { votersOf } from './restore-quorum.ts';
import { restoreRefusals } from './restore-refusals.ts';
import {
  besideSteps,
  checkStep,
  cleanStep,
  placeSteps,
  type Restoring,
  startSteps,
} from './restore-steps.ts';

/**
 * Decides how a new cluster is built from a snapshot. Whatever can fail happens beside the data in use; only then all
 * members stop, old and new data change places, and all start together. How far an earlier run came is seen from the
 * hosts: their intent names the token, their logs the cluster they belong to.
 */
export function planRestore(
  desired: DesiredCluster,
  facts: ClusterFacts,
  found: ReadonlyMap<string, RestoreFact>,
  options: RestoreOptions,
): Plan {
  const refusals = restoreRefusals(desired, facts, found, options);
  if (refusals.length > 0) return refusedPlan(desired, refusals);

  const goal = restoreGoal(desired, found, options);
  const certificates = planCertificates(desired, facts);
  const served = someoneAnswers(facts);
  const isFresh = goal.token === options.freshToken;
  const former = isFresh ? votersOf(desired, facts) : goal.former;
  const members = seenMembers(desired, facts).flatMap((one): readonly Restoring[] => {
    const { desired: member, found: host } = one;
    const seen = found.get(member.name);
    if (seen === undefined) return [];
    const boot = { token: goal.token, formed: true };
    const own = seen.intent?.token === goal.token ? seen.intent : undefined;
    return [
      {
        desired: member,
        plan: planMember(
          ...([desired, member, trustedBy(facts, member.name), asStopped(host), boot] as const),
          { reissued: certificates.reissued, trust: trustToKeep(facts, member.name) },
        ),
        found: host,
        seen,
        places: restorePlaces(desired.paths, goal.began, seen),
        intent: own ?? { ...goal, former, ran: host.unit.pid > 0, served },
        inPlace: host.data?.used === true && host.data.wal?.clusterId === goal.clusterId,
        staged: seen.staged?.clusterId === goal.clusterId,
      },
    ];
  });

  const waves: readonly Wave[] = [
    ...makeCertificates(desired, certificates),
    ...unnoticed(
      'restore the snapshot beside the data in use',
      members.map((member) => lane(member, besideSteps(desired, member, options))),
    ),
    ...stopWaves(desired, members, options),
    ...whileStopped(
      'move the former data aside, put the restored data in its place',
      members.map((member) => lane(member, placeSteps(desired, member))),
    ),
    ...together(
      'start all members together',
      members.map((member) => lane(member, startSteps(desired, member))),
      { among: namesOf(desired) },
    ),
    ...unnoticed(
      'compare with the snapshot',
      members.map((member) => lane(member, [checkStep(desired, member, options.source)])),
    ),
    ...unnoticed(
      'clean up',
      members.map((member) => lane(member, [cleanStep(desired, member)])),
    ),
  ];
  const stopsAll = waves.some(({ lanes }) =>
    stepsOf(lanes).some(({ kind }) => kind === 'stop-unit'),
  );
  return planOf(desired, waves, { stopsAll });
}

/** A member as it is found when its files come: all have been stopped, so no listener can be asked for what it shows. */
function asStopped(found: MemberFacts): MemberFacts {
  return { ...found, unit: { ...found.unit, active: 'inactive' } };
}

/**
 * Followers side by side, then the leader: one that stops beside them waits seven seconds for somebody to hand its
 * leadership to, and is quick when all are gone. Where no leader is known they stop one after another.
 */
function stopWaves(
  desired: DesiredCluster,
  members: readonly Restoring[],
  { lastRevision }: RestoreOptions,
): readonly Wave[] {
  const running = members.filter(
    ({ found: { unit }, inPlace }) => (unit.pid > 0 || unit.active === 'activating') && !inPlace,
  );
  const leader = members.find(({ found }) => leads(found.etcd.status));
  const last = running.find((member) => member === leader) ?? running.at(-1);
  const stop = (member: Restoring) =>
    lane(member, [
      ...(member !== last || lastRevision === undefined
        ? []
        : [
            {
              kind: 'check-unchanged',
              own: ownPlaces(desired),
              revision: lastRevision,
              because: 'what is written after the snapshot would be lost',
            } as const,
          ]),
      { kind: 'stop-unit', unit: desired.unit, because: 'its data is replaced' },
    ]);
  if (leader === undefined) {
    return running.flatMap((member) => stopping(`stop ${member.desired.name}`, [stop(member)]));
  }
  const followers = running.filter((member) => member !== leader);
  return [
    ...stopping('stop the followers', followers.map(stop)),
    ...stopping(
      `stop the leader ${leader.desired.name}`,
      running.filter((member) => member === leader).map(stop),
    ),
  ];
}

function lane<One extends HostStep>({ desired }: Restoring, steps: readonly One[]) {
  return onHost(desired.name, steps);
}
