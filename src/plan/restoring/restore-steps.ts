import { ownPlaces } from '../../desired/access.ts';
import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { formerIntentPath, intentPath, type RestorePlaces } from '../../desired/restoring.ts';
import { alarmsTold } from '../../etcd/alarms.ts';
import type { RestoreFact } from '../../facts/data/restore.ts';
import { type RestoreIntent, writeIntent } from '../../facts/data/restore-intent.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { ConfigurationFiles } from '../backup-step.ts';
import type { MemberPlan } from '../member.ts';
import type { HostStep, QuietStep } from '../step.ts';
import { awaitReady, when } from '../step-words.ts';
import type { RestoreOptions, RestoreSource } from './restore-options.ts';

/** A member on its way to the restored data. */
export interface Restoring {
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

/** What only a restore needs. */
export function stagings({ staging, log }: RestorePlaces): readonly string[] {
  return [staging, ...(log === undefined ? [] : [log.staging])];
}

const KILLED = 'a run that is killed can be finished by another';

/** Restores the snapshot beside the data in use, and records what was begun. */
export function besideSteps(
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
        ...(places.log && { wal: `${places.log.restored}.part/wal` }),
        ...(places.logInData && { wal: `${places.restoredData}.part${places.logInData}` }),
        bumpRevision,
        skipHashCheck: source.skipHashCheck,
      },
      because,
    },
  ];
}

/** Moves the former data aside and the restored data in its place. */
export function placeSteps(desired: DesiredCluster, member: Restoring): readonly HostStep[] {
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

/** Starts a member on the restored data. */
export function startSteps(
  desired: DesiredCluster,
  { found, inPlace, plan: { program } }: Restoring,
): readonly HostStep[] {
  const { unit } = desired;
  const runs = inPlace && found.unit.pid > 0;
  const isAlarmed = alarmsTold(found.etcd).length > 0;
  return [
    ...when(!runs, {
      ...({ kind: 'start-unit', unit } as const),
      ...(program && { program }),
      because: 'one alone would wait for the others',
    }),
    ...when(
      !runs || found.unit.active !== 'active',
      awaitReady(desired, 'ready means it had quorum once'),
    ),
    ...when(!runs || isAlarmed, {
      kind: 'forget-alarms',
      own: ownPlaces(desired),
      because: 'they are about members of the former cluster',
    }),
  ];
}

/** Compares what a member serves with the snapshot. */
export function checkStep(
  desired: DesiredCluster,
  { places, intent }: Restoring,
  { keys }: RestoreSource,
): QuietStep {
  const own = ownPlaces(desired);
  const because = 'a restore that lost something must not pass for one';
  return { kind: 'check-restored', own, places, bumpRevision: intent.bumpRevision, keys, because };
}

/** Removes what only the restore needed. */
export function cleanStep(desired: DesiredCluster, { places, seen }: Restoring): QuietStep {
  return {
    kind: 'remove',
    paths: [...stagings(places), ...recordsOf(desired, seen)],
    because: 'the restore is complete',
  };
}
