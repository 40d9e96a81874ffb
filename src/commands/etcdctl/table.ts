import { command } from '../command.ts';
import { etcdctlOptions } from './options.ts';

/** `provision etcdctl` */
export const etcdctlCommand = command({
  usage: 'etcdctl <inventory>',
  describe: 'Run etcdctl on a member with the right certificates and endpoints',
  options: etcdctlOptions,
  example: 'etcdctl inventory.yaml -- get /registry --prefix --keys-only --limit 5',
  load: async () => (await import('./etcdctl.ts')).etcdctl,
});
