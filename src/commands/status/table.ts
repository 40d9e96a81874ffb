import { command } from '../command.ts';
import { statusOptions } from './options.ts';

/** `provision status` */
export const statusCommand = command({
  usage: 'status <inventory>',
  describe: 'Show members, leader, versions, sizes, alarms and certificate days left',
  options: statusOptions,
  example: 'status inventory.yaml --watch',
  load: async () => (await import('./status.ts')).status,
});
