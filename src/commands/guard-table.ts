import { checkOptions } from './check-options.ts';
import { command, family } from './command.ts';
import { lockReleaseOptions } from './lock/options.ts';
import { lookOptions } from './options/look.ts';

const status = command({
  usage: 'status <inventory>',
  describe: 'Show who works on the cluster now, host by host',
  options: lookOptions,
  example: 'lock status inventory.yaml',
  load: async () => (await import('./lock/status.ts')).lockStatus,
});

const release = command({
  usage: 'release <inventory>',
  describe: 'Take the lock from a run that hangs; that run stops before its next step',
  options: lockReleaseOptions,
  example: 'lock release inventory.yaml',
  load: async () => (await import('./lock/release.ts')).lockRelease,
});

/** `provision lock …` */
export const lockCommands = family('lock', 'The lock that keeps two runs apart', [status, release]);

/** `provision history` */
export const historyCommand = command({
  usage: 'history <inventory>',
  describe: 'Show who changed the cluster, when, how and with what result',
  options: lookOptions,
  example: 'history inventory.yaml',
  load: async () => (await import('./history.ts')).history,
});

/** `provision check` */
export const checkCommand = command({
  usage: 'check <inventory>',
  describe: 'Look whether hosts and network are fit for the cluster; change nothing',
  options: checkOptions,
  example: 'check inventory.yaml --no-disk-test',
  load: async () => (await import('./check.ts')).check,
});
