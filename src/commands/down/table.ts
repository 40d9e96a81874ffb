import { command } from '../command.ts';
import { downOptions } from './options.ts';

/** `provision down` */
export const downCommand = command({
  usage: 'down <inventory>',
  describe: 'Stop and disable etcd on every member; --purge removes its data too',
  options: downOptions,
  example: 'down inventory.yaml',
  load: async () => (await import('./down.ts')).down,
});
