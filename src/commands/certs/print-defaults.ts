import { cfsslDefaults } from '../../pki/issue/cfssl.ts';
import type { ArgumentsOf } from '../command.ts';
import type { certsDefaultsOptions } from './options.ts';

/** Prints what `cfssl print-defaults` prints. */
export async function certsPrintDefaults({
  what,
}: ArgumentsOf<typeof certsDefaultsOptions>): Promise<void> {
  process.stdout.write(cfsslDefaults(what));
}
