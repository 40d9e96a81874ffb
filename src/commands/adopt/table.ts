import { command } from '../command.ts';
import { adoptOptions } from './options.ts';

/** `provision adopt` */
export const adoptCommand = command({
  usage: 'adopt [hosts..]',
  describe: 'Describe a cluster that something else made as an inventory, or have it run as before',
  options: adoptOptions,
  example: 'adopt 10.0.0.1 --ssh-user ops --out inventory.yaml',
  load: async () => (await import('./adopt.ts')).adopt,
});
