import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import {
  formerIntentPath,
  intentPath,
  type RestorePlaces,
  restorePlaces,
} from '../../desired/restoring.ts';
import { alarmsTold } from '../../etcd/alarms.ts';
import { leads } from '../../etcd/leader.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { RestoreFact } from '../../facts/data/restore.ts';
import { type RestoreIntent, writeIntent } from '../../facts/data/restore-intent.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { seenMembers, someoneAnswers } from '../../observed/observed.ts';
import type { ConfigurationFiles } from '../backup-step.ts';
import { makeCertificates, planCertificates } from '../certificates/certificates.ts';
import { trustedBy, trustToKeep } from '../certificates/narrowed.ts';
import { onHost, stepsOf } from '../lane.ts';
import { planOf, refusedPlan } from '../make-plan.ts';
import { type MemberPlan, planMember } from '../member.ts';
import type { Plan, Wave } from '../plan.ts';
import type { HostStep, QuietStep } from '../step.ts';
import { when } from '../step-words.ts';
import { stopping, together, whileStopped } from '../together.ts';
import { unnoticed } from '../unnoticed.ts';
import { namesOf, startStep } from '../waves.ts';
import { restoreGoal } from './restore-goal.ts';
import type { RestoreOptions, RestoreSource } from './restore-options.ts';
import { restoreRefusals } from './restore-refusals.ts';

/** A member on its way to the restored data. */
interface Restoring {
  readonly desired: DesiredMember;
  readonly plan: MemberPlan;
  readonly found: MemberFacts;
  readonly seen: RestoreFact;
  readonly places: RestorePlaces;
  readonly intent: RestoreIntent;
  /** The restored data is where etcd reads it. */
  readonly inPlace: boolean;
  /** The restored data lies ready beside. */
  readonly staged: boolean;
}

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
        places: restorePlaces(desired.paths, goal.began, seen.mounted),
        intent: own ?? { ...goal, ran: host.unit.pid > 0, served },
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
      members.map((member) => lane(member, [checkStep(member, options.source)])),
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

/** What says on a host how its member runs. */
export function configurationFiles({ paths }: DesiredCluster): ConfigurationFiles {
  return {
    conf: paths.confFile,
    unit: paths.unitFile,
    current: paths.current,
    pki: paths.pki,
  };
}

/** Where a host has the record of the restore, and where an earlier version of this program has left one. */
export function recordsOf(
  desired: DesiredCluster,
  { hasFormerRecord = false }: Pick<RestoreFact, 'hasFormerRecord'>,
): readonly string[] {
  return [intentPath(desired), ...(hasFormerRecord ? [formerIntentPath(desired)] : [])];
}

/** A member as it is found when its files come: all have been stopped, so no listener can be asked for what it shows. */
function asStopped(found: MemberFacts): MemberFacts {
  return { ...found, unit: { ...found.unit, active: 'inactive' } };
}

const KILLED = 'a run that is killed can be finished by another';

function besideSteps(
  desired: DesiredCluster,
  { desired: member, plan, seen, places, intent, inPlace, staged }: Restoring,
  { source, bumpRevision }: RestoreOptions,
): readonly QuietStep[] {
  const because = `from ${source.name}`;
  const owner = `${desired.account}:${desired.account}`;
  const content = writeIntent(intent);
  const file = { path: intentPath(desired), content, mode: 0o600, owner: 'root:root' };
  const record: readonly QuietStep[] =
    seen.intent?.token === intent.token
      ? []
      : [
          {
            kind: 'prepare-host',
            account: desired.account,
            directories: [{ path: '/var/lib/provision', mode: 0o755, owner: 'root:root' }],
            because: 'it keeps there what was begun',
          },
          {
            kind: 'write-files',
            files: [{ file, before: undefined, because: KILLED }],
            because: KILLED,
          },
        ];
  if (inPlace || staged) return record;
  return [
    ...plan.prepare,
    ...record,
    ...plan.server,
    ...plan.tools,
    {
      kind: 'upload-snapshot',
      to: places.snapshot,
      owner,
      size: source.size,
      // The copy of the database, and a log that is made in segments of 64 MB.
      spaceBeside: source.size + 128_000_000,
      because,
    },
    {
      kind: 'restore-beside',
      account: desired.account,
      directory: desired.paths.binaries,
      version: desired.version,
      size: source.size,
      places,
      order: {
        snapshot: places.snapshot,
        name: member.name,
        peerUrl: member.peerUrl,
        initialCluster: desired.members.map((one) => `${one.name}=${one.peerUrl}`).join(','),
        token: intent.token,
        data: `${places.restoredData}.part`,
        bumpRevision,
        skipHashCheck: source.skipHashCheck,
      },
      because,
    },
  ];
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

function placeSteps(desired: DesiredCluster, member: Restoring): readonly HostStep[] {
  const { plan, places, inPlace, found } = member;
  if (inPlace && found.unit.pid > 0) return [];
  const changes = [...plan.certificates, ...plan.link, ...plan.configuration];
  if (inPlace) return changes;
  const because = 'it belongs to the former data';
  return [
    { kind: 'keep-configuration', places, files: configurationFiles(desired), because },
    ...changes,
    {
      kind: 'swap-data',
      places,
      account: desired.account,
      because: `the former data, if any, stays in ${places.aside}`,
    },
  ];
}

function startSteps(desired: DesiredCluster, { found, inPlace }: Restoring): readonly HostStep[] {
  const { unit } = desired;
  const runs = inPlace && found.unit.pid > 0;
  const isAlarmed = alarmsTold(found.etcd).length > 0;
  return [
    ...when(!runs, startStep(desired, 'one alone would wait for the others')),
    ...when(!runs || found.unit.active !== 'active', {
      kind: 'await-ready',
      unit,
      because: 'ready means it had quorum once',
    }),
    ...when(!runs || isAlarmed, {
      kind: 'forget-alarms',
      because: 'they are about members of the former cluster',
    }),
  ];
}

function checkStep({ places, intent }: Restoring, { keys }: RestoreSource): QuietStep {
  const because = 'a restore that lost something must not pass for one';
  return { kind: 'check-restored', places, bumpRevision: intent.bumpRevision, keys, because };
}

function cleanStep(desired: DesiredCluster, { places, seen }: Restoring): QuietStep {
  return {
    kind: 'remove',
    paths: [places.staging, ...recordsOf(desired, seen)],
    because: 'the restore is complete',
  };
}

function lane<One extends HostStep>({ desired }: Restoring, steps: readonly One[]) {
  return onHost(desired.name, steps);
}
