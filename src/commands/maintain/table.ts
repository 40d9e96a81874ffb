import { command, family } from '../command.ts';
import {
  maintainAlarmsOptions,
  maintainCompactOptions,
  maintainDefragOptions,
  maintainScheduleOptions,
  maintainSpaceOptions,
} from './options.ts';

const defrag = command({
  usage: 'defrag <inventory>',
  describe: 'Give free space in databases back to the disk, one member after another',
  options: maintainDefragOptions,
  example: "maintain defrag inventory.yaml --when 'free > 500MB'",
  load: async () => (await import('./defrag.ts')).maintainDefrag,
});

const compact = command({
  usage: 'compact <inventory>',
  describe: 'Forget what keys were before, but for the last revisions',
  options: maintainCompactOptions,
  example: 'maintain compact inventory.yaml --keep 1000',
  load: async () => (await import('./compact.ts')).maintainCompact,
});

const alarms = command({
  usage: 'alarms <inventory>',
  describe: 'Show the alarms that stand, and what to do about each',
  options: maintainAlarmsOptions,
  example: 'maintain alarms inventory.yaml',
  load: async () => (await import('./alarms.ts')).maintainAlarms,
});

const space = command({
  usage: 'space <inventory>',
  describe: 'Bring a cluster that is full (NOSPACE) back: compact, defragment, disarm',
  options: maintainSpaceOptions,
  example: 'maintain space inventory.yaml',
  load: async () => (await import('./space.ts')).maintainSpace,
});

const schedule = command({
  usage: 'schedule <inventory>',
  describe: 'Have members defragment by themselves, one at a time across the cluster',
  options: maintainScheduleOptions,
  example: 'maintain schedule inventory.yaml --every 1d',
  load: async () => (await import('./schedule.ts')).maintainSchedule,
});

/** `provision maintain …` */
export const maintainCommands = family('maintain', 'Housekeeping of the databases', [
  defrag,
  compact,
  alarms,
  space,
  schedule,
]);
