import { resolve } from 'node:path';
import type { RestoreOrder } from '../../facts/data/restore-intent.ts';
import { thisOperator } from '../../lock/holder.ts';
import { INVENTORY } from '../../problem/remedy.ts';
import type { ArgumentsOf } from '../command.ts';
import type { migrateOptions } from '../migrate/options.ts';
import type { restoreOptions } from './options.ts';

/** A restore as it is recorded on the hosts: what it takes to type it again, without consent. */
export function orderOfRestore(args: ArgumentsOf<typeof restoreOptions>): RestoreOrder {
  const { from, fromMember, kubernetes, foreign, skipHashCheck, passphraseFrom, identity } = args;
  const command = [
    ...['restore', INVENTORY],
    ...(from === undefined ? ['--from-member', fromMember ?? ''] : ['--from', resolve(from)]),
    ...(kubernetes === undefined ? [] : [kubernetes ? '--kubernetes' : '--no-kubernetes']),
    ...(foreign ? ['--foreign'] : []),
    ...(skipHashCheck ? ['--skip-hash-check'] : []),
    ...passphraseAgain(passphraseFrom),
    ...(identity === undefined ? [] : ['--identity', resolve(identity)]),
  ];
  return { command, who: thisOperator() };
}

/** A switch by a snapshot, likewise. */
export function orderOfSwitch(args: ArgumentsOf<typeof migrateOptions>): RestoreOrder {
  const { to, acceptPlaintext, passphraseFrom } = args;
  const command = [
    ...['migrate', INVENTORY, '--to', to, '--via', 'snapshot'],
    ...(acceptPlaintext ? ['--accept-plaintext'] : []),
    ...passphraseAgain(passphraseFrom),
  ];
  return { command, who: thisOperator(), from: to === 'https' ? 'http' : 'https' };
}

function passphraseAgain(source: string | undefined): readonly string[] {
  // A file descriptor is open in one process only; without the option the passphrase is asked for.
  if (source === undefined || source.startsWith('fd:')) return [];
  const file = /^file:(.+)$/s.exec(source)?.[1];
  return ['--passphrase-from', file === undefined ? source : `file:${resolve(file)}`];
}
