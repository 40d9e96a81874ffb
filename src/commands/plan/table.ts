import { command } from '../command.ts';
import { planOptions } from './options.ts';

/** `provision plan` */
export const planCommand = command({
  usage: 'plan <inventory>',
  describe: 'Show what up would do and why, with diffs; change nothing',
  options: planOptions,
  example: 'plan inventory.yaml --exit-code',
  load: async () => (await import('./plan.ts')).plan,
});
