import { command } from '../command.ts';
import { migrateOptions } from './options.ts';

/** `provision migrate` */
export const migrateCommand = command({
  usage: 'migrate <inventory>',
  describe: 'Switch a running cluster between http and https',
  options: migrateOptions,
  example: 'migrate inventory.yaml --to https --via live',
  load: async () => (await import('./migrate.ts')).migrate,
});
