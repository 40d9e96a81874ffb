import { command } from '../command.ts';
import { lookOptions } from '../options/look.ts';

/** `provision env` */
export const envCommand = command({
  usage: 'env <inventory>',
  describe: 'Print the environment an etcdctl on this machine needs',
  options: lookOptions,
  example: 'env inventory.yaml',
  load: async () => (await import('./env.ts')).env,
});
