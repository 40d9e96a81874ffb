import { command, family } from '../command.ts';
import { lookOptions } from '../options/look.ts';
import { lockReleaseOptions } from './options.ts';

const status = command({
  usage: 'status <inventory>',
  describe: 'Show who works on the cluster now, host by host',
  options: lookOptions,
  example: 'lock status inventory.yaml',
  load: async () => (await import('./status.ts')).lockStatus,
});

const release = command({
  usage: 'release <inventory>',
  describe: 'Take the lock from a run that hangs; that run stops before its next step',
  options: lockReleaseOptions,
  example: 'lock release inventory.yaml',
  load: async () => (await import('./release.ts')).lockRelease,
});

/** `provision lock …` */
export const lockCommands = family('lock', 'The lock that keeps two runs apart', [status, release]);
