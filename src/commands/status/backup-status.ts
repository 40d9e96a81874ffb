import { dirname, resolve } from 'node:path';
import { isNamesake } from '../../desired/origin.ts';
import { schedulePlaces } from '../../desired/schedule.ts';
import { askRestore } from '../../facts/data/restore.ts';
import { askSchedule } from '../../facts/data/schedule.ts';
import { Failure } from '../../failure/failure.ts';
import { unfinishedRestores } from '../../plan/restoring/unfinished-restore.ts';
import type { Problem } from '../../problem/problem.ts';
import { INVENTORY, provision } from '../../problem/remedy.ts';
import { commandText, nextText } from '../../problem/render.ts';
import type { Session } from '../../run/session.ts';
import { listSnapshots, type StoredSnapshot, snapshotDirectory } from '../../snapshot/directory.ts';

/** What is known of a cluster's backups; what could not be learnt is undefined. */
export interface BackupStatus {
  /** When the newest snapshot was taken, and where it is. */
  readonly newest: { readonly at: string; readonly place: string } | undefined;
  /** Snapshots there of another cluster id under the same name. */
  readonly others:
    | { readonly count: number; readonly place: string; readonly clusterIds: readonly string[] }
    | undefined;
  /** When a snapshot was last restored on trial, with success. */
  readonly restorableAsOf: string | undefined;
  /** Why the last trial failed, if it did. */
  readonly drillFault: string | undefined;
  readonly schedule: readonly ScheduleStatus[];
  /** Restores that were begun and not finished. */
  readonly unfinished: readonly Problem[];
}

/** A member that takes snapshots by itself. */
export interface ScheduleStatus {
  readonly member: string;
  readonly active: boolean;
  readonly newest: string | undefined;
  /** Why the last run failed, if it did. */
  readonly failure: string | undefined;
}

/** Looks at the snapshots of this machine and at what the members that answer say of theirs. */
export async function lookAtBackups(
  { inventory, desired, hosts }: Session,
  inventoryPath: string,
): Promise<BackupStatus> {
  const places = schedulePlaces(desired);
  const directory = snapshotDirectory(inventory, dirname(resolve(inventoryPath)));
  const [here, members] = await Promise.all([
    listSnapshots(directory),
    Promise.all(
      [...hosts].map(async ([member, host]) => {
        try {
          const [schedule, restore] = await Promise.all([
            askSchedule(host, places),
            askRestore(host, desired),
          ]);
          return [{ member, schedule, restore }];
        } catch (error) {
          // The table above says that it does not answer.
          if (error instanceof Failure) return [];
          throw error;
        }
      }),
    ),
  ]);
  const seen = members.flat();
  const running = new Set(seen.flatMap(({ restore: { placed } }) => placed?.clusterId ?? []));
  const ours = here.filter(({ record }) => record?.cluster === desired.name);
  const origin = { name: desired.name, peers: desired.members.map(({ peerUrl }) => peerUrl) };
  const isOther = ({ record }: StoredSnapshot) =>
    record !== undefined &&
    (isNamesake(origin, record) ||
      (running.size > 0 && record.clusterId !== undefined && !running.has(record.clusterId)));
  const own = ours.filter((one) => !isOther(one));
  const drills = own.flatMap(({ record }) => record?.drill ?? []);
  const last = drills.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const found = [
    ...own.slice(0, 1).map(({ takenAt }) => ({ at: takenAt, place: directory })),
    ...seen.flatMap(({ member, schedule: { newest } }) =>
      newest === undefined ? [] : [{ at: newest, place: `${places.directory} on ${member}` }],
    ),
  ].toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return {
    newest: found[0] && { at: iso(found[0].at), place: found[0].place },
    others: othersOf(directory, ours.filter(isOther)),
    restorableAsOf: drills
      .filter(({ fault }) => fault === undefined)
      .map(({ at }) => at)
      .toSorted()
      .at(-1),
    drillFault: last?.fault,
    schedule: seen
      .filter(({ schedule }) => schedule.timerFile !== undefined)
      .map(({ member, schedule }) => ({
        member,
        active: schedule.timerActive && schedule.timerEnabled,
        newest: schedule.newest && iso(schedule.newest),
        failure:
          schedule.lastResult === undefined || schedule.lastResult === 'success'
            ? undefined
            : (schedule.complaint ?? schedule.lastResult),
      })),
    unfinished: unfinishedRestores(
      desired,
      seen.map(({ member, restore: { intent, placed } }) => ({
        ...{ member, intent },
        clusterId: placed?.clusterId,
      })),
    ),
  };
}

function othersOf(place: string, snapshots: readonly StoredSnapshot[]): BackupStatus['others'] {
  if (snapshots.length === 0) return undefined;
  const clusterIds = new Set(snapshots.flatMap(({ record }) => record?.clusterId ?? []));
  return { count: snapshots.length, place, clusterIds: [...clusterIds] };
}

/** What a person should know of the backups, troubles first. */
export function describeBackups(status: BackupStatus, inventory: string): readonly string[] {
  const { newest, others, restorableAsOf, drillFault, schedule, unfinished } = status;
  const failed = schedule.flatMap(({ member, failure }) =>
    failure === undefined ? [] : [`${member}: the scheduled snapshot failed: ${failure}`],
  );
  const stopped = schedule.flatMap(({ member, active }) =>
    active ? [] : [`${member}: its snapshot timer does not run`],
  );
  const begun = unfinished.map(
    ({ sentence, next }) => `${sentence}; next: ${nextText(next, inventory)}`,
  );
  const proof =
    drillFault !== undefined
      ? [`the last drill failed: ${drillFault}`]
      : restorableAsOf === undefined
        ? newest === undefined
          ? []
          : [
              `no snapshot was ever restored on trial: ${commandText(provision('snapshot', 'drill', INVENTORY), inventory)}`,
            ]
        : [`restorable as of ${restorableAsOf}`];
  const older =
    others === undefined
      ? []
      : [
          `${others.place} also holds ${others.count} of cluster id ${others.clusterIds.join(', ')}: of this cluster before a restore, or of another one of the same name`,
        ];
  return [
    ...begun,
    ...failed,
    ...stopped,
    newest === undefined
      ? `no snapshot of the cluster as it is now is known: ${commandText(provision('snapshot', 'save', INVENTORY), inventory)}`
      : `newest snapshot ${newest.at}, in ${newest.place}`,
    ...older,
    ...proof,
  ];
}

function iso(time: Date): string {
  return time.toISOString().replace('.000', '');
}
