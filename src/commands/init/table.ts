import { command } from '../command.ts';
import { initOptions } from './options.ts';

/** `provision init` */
export const initCommand = command({
  usage: 'init [file]',
  describe: 'Write a commented inventory to start from',
  options: initOptions,
  example: 'init inventory.yaml --cluster prod --hosts 10.0.0.1,10.0.0.2,10.0.0.3',
  load: async () => (await import('./init.ts')).init,
});
