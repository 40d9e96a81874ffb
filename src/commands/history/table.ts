import { command } from '../command.ts';
import { lookOptions } from '../options/look.ts';

/** `provision history` */
export const historyCommand = command({
  usage: 'history <inventory>',
  describe: 'Show who changed the cluster, when, how and with what result',
  options: lookOptions,
  example: 'history inventory.yaml',
  load: async () => (await import('./history.ts')).history,
});
