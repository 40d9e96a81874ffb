import { command } from '../command.ts';
import { upOptions } from './options.ts';

/** `provision up` */
export const upCommand = command({
  usage: 'up <inventory>',
  describe: 'Make the hosts match the inventory, and prove that the cluster answers',
  options: upOptions,
  example: 'up inventory.yaml',
  load: async () => (await import('./up.ts')).up,
});
