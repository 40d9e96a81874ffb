import type { Problem } from '../problem/problem.ts';
import { INVENTORY, provision } from '../problem/remedy.ts';
import { commandText, nextText } from '../problem/render.ts';

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
