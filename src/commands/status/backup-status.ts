import { dirname, resolve } from 'node:path';
import { isNamesake } from '../../desired/origin.ts';
import { schedulePlaces } from '../../desired/schedule.ts';
import { askRestore } from '../../facts/data/restore.ts';
import { askSchedule } from '../../facts/data/schedule.ts';
import { unfinishedRestores } from '../../plan/restoring/unfinished-restore.ts';
import type { BackupStatus } from '../../report/backups-text.ts';
import { askEachMember } from '../../run/observe-hosts.ts';
import type { Session } from '../../run/session.ts';
import { listSnapshots, type StoredSnapshot, snapshotDirectory } from '../../snapshot/directory.ts';

/** Looks at the snapshots of this machine and at what the members that answer say of theirs. */
export async function lookAtBackups(
  { inventory, desired, hosts }: Session,
  inventoryPath: string,
): Promise<BackupStatus> {
  const places = schedulePlaces(desired);
  const directory = snapshotDirectory(inventory, dirname(resolve(inventoryPath)));
  const [here, members] = await Promise.all([
    listSnapshots(directory),
    // Of one that does not answer the table above says so.
    askEachMember({ desired, hosts, needs: 'any-host' }, async (host, { name: member }) => {
      const [schedule, restore] = await Promise.all([
        askSchedule(host, places),
        askRestore(host, desired),
      ]);
      return { member, schedule, restore };
    }),
  ]);
  const seen = [...members.values()];
  const running = new Set(seen.flatMap(({ restore: { placed } }) => placed?.clusterId ?? []));
  const ours = here.filter(({ record }) => record?.cluster === desired.name);
  const peers = desired.members.map(({ peerUrl }) => peerUrl);
  const origin = { name: desired.name, peers, ids: running };
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

function iso(time: Date): string {
  return time.toISOString().replace('.000', '');
}
