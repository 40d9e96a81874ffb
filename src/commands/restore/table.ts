import { command } from '../command.ts';
import { restoreOptions } from './options.ts';

/** `provision restore` */
export const restoreCommand = command({
  usage: 'restore <inventory>',
  describe: 'Build a new cluster from a snapshot; the former data is moved aside',
  options: restoreOptions,
  example: 'restore inventory.yaml --from prod.snapshots/prod-20261121T100000Z.db',
  load: async () => (await import('./restore.ts')).restore,
});
