import { command, family } from '../command.ts';
import { memberReplaceOptions } from './options.ts';

const replace = command({
  usage: 'replace <inventory> <member>',
  describe: 'Put a new member in the place of one whose machine, disk or data is lost',
  options: memberReplaceOptions,
  example: 'member replace inventory.yaml etcd02',
  load: async () => (await import('./replace.ts')).memberReplace,
});

/** `provision member …` */
export const memberCommands = family('member', 'Single members of the cluster', [replace]);
