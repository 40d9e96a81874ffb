import { command } from '../command.ts';
import { rebootOptions } from './options.ts';

/** `provision reboot` */
export const rebootCommand = command({
  usage: 'reboot <inventory> [members..]',
  describe: 'Reboot the hosts one after another, each behind the return of the one before',
  options: rebootOptions,
  example: 'reboot inventory.yaml --required',
  load: async () => (await import('./reboot.ts')).reboot,
});
