import { cfsslDefaults } from '../pki/cfssl.ts';
import type { certsDefaultsOptions } from './certs-options.ts';
import type { ArgumentsOf } from './command.ts';

/** Prints what `cfssl print-defaults` prints. */
export async function certsPrintDefaults({
  what,
}: ArgumentsOf<typeof certsDefaultsOptions>): Promise<void> {
  process.stdout.write(cfsslDefaults(what));
}
