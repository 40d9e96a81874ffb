import { command } from '../command.ts';
import { checkOptions } from './options.ts';

/** `provision check` */
export const checkCommand = command({
  usage: 'check <inventory>',
  describe: 'Look whether hosts and network are fit for the cluster; change nothing',
  options: checkOptions,
  example: 'check inventory.yaml --no-disk-test',
  load: async () => (await import('./check.ts')).check,
});
