import { command } from '../command.ts';
import { lookOptions } from '../options/look.ts';

/** `provision doctor` */
export const doctorCommand = command({
  usage: 'doctor <inventory>',
  describe: 'Say why the cluster is broken, and the command that fixes it',
  options: lookOptions,
  example: 'doctor inventory.yaml',
  load: async () => (await import('./doctor.ts')).doctor,
});
