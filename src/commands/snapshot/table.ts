import { command, family } from '../command.ts';
import {
  snapshotDrillOptions,
  snapshotListOptions,
  snapshotPruneOptions,
  snapshotSaveOptions,
  snapshotScheduleOptions,
  snapshotVerifyOptions,
} from './options.ts';

const save = command({
  usage: 'save <inventory>',
  describe: 'Take a snapshot to this machine, checked here and on the member it came from',
  options: snapshotSaveOptions,
  example: 'snapshot save inventory.yaml --encrypt',
  load: async () => (await import('./save.ts')).snapshotSave,
});

const list = command({
  usage: 'list <inventory>',
  describe: 'Show the snapshots on this machine, the newest first',
  options: snapshotListOptions,
  example: 'snapshot list inventory.yaml',
  load: async () => (await import('./list.ts')).snapshotList,
});

const verify = command({
  usage: 'verify <inventory> [file]',
  describe: 'Check a snapshot file: its checksum and record here, its database on a member',
  options: snapshotVerifyOptions,
  example: 'snapshot verify inventory.yaml --on etcd01',
  load: async () => (await import('./verify.ts')).snapshotVerify,
});

const drill = command({
  usage: 'drill <inventory> [file]',
  describe: 'Prove that a snapshot can be restored, by restoring it on a member beside the cluster',
  options: snapshotDrillOptions,
  example: 'snapshot drill inventory.yaml --on etcd03',
  load: async () => (await import('./drill.ts')).snapshotDrill,
});

const prune = command({
  usage: 'prune <inventory>',
  describe: 'Delete snapshots on this machine that no rule keeps; never the last good one',
  options: snapshotPruneOptions,
  example: 'snapshot prune inventory.yaml --keep-last 10 --keep-daily 14',
  load: async () => (await import('./prune.ts')).snapshotPrune,
});

const schedule = command({
  usage: 'schedule <inventory>',
  describe: 'Have the members take snapshots by themselves; the leader of each moment does it',
  options: snapshotScheduleOptions,
  example: 'snapshot schedule inventory.yaml --every 6h --keep-last 10 --keep-daily 7',
  load: async () => (await import('./schedule.ts')).snapshotSchedule,
});

/** `provision snapshot …` */
export const snapshotCommands = family('snapshot', 'Backups of the cluster, and proof of them', [
  save,
  list,
  verify,
  drill,
  schedule,
  prune,
]);
