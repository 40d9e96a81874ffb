import { command } from '../command.ts';
import { renderOptions } from './options.ts';

/** `provision render` */
export const renderCommand = command({
  usage: 'render <inventory>',
  describe: 'Write the files each host would get, without SSH',
  options: renderOptions,
  example: 'render inventory.yaml --out rendered',
  load: async () => (await import('./render.ts')).render,
});
