import { resolve } from 'node:path';
import { Failure } from '../../failure/failure.ts';
import { type Ssh, sshSchema } from '../../inventory/ssh-schema.ts';
import { remedy } from '../../problem/remedy.ts';
import type { NamedMachine } from '../../run/look-abroad.ts';
import type { ArgumentsOf } from '../command.ts';
import type { adoptOptions } from './options.ts';

/** How hosts are reached by what was said, in the words of an inventory. Throws a Failure (usage) for what it cannot be. */
export function sshGiven(args: ArgumentsOf<typeof adoptOptions>): Ssh {
  const {
    sshUser,
    identity,
    sshPassphrase,
    sshPassword,
    become,
    becomePassword,
    jump,
    knownHosts,
    acceptNew,
  } = args;
  const given = {
    ...(sshUser !== undefined && { user: sshUser }),
    ...(identity !== undefined && { identityFile: absolute(identity) }),
    ...(sshPassphrase !== undefined && { passphrase: sshPassphrase }),
    ...(sshPassword !== undefined && { password: sshPassword }),
    ...(become !== undefined && { become }),
    ...(becomePassword !== undefined && { becomePassword }),
    ...(jump !== undefined && { jump }),
    ...(acceptNew && { hostKeys: 'accept-new' }),
    ...(knownHosts !== undefined && { knownHosts: absolute(knownHosts) }),
  };
  const { data, error } = sshSchema.safeParse(given);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new Failure('usage', `ssh ${issue?.path.join('.')}: ${issue?.message}`, {
    next: [remedy`provision adopt --help`],
  });
}

/** `ops@10.0.0.1:2222` as a machine. Throws a Failure (usage) for what is none. */
export function machineNamed(word: string): NamedMachine {
  const [, user, bracketed, plain, port] =
    /^(?:([^\s@]+)@)?(?:\[([0-9A-Fa-f:.]+)\]|([^\s@:[\]]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/.exec(
      word,
    ) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined)
    throw new Failure('usage', `${word} is no host`, {
      next: [remedy`name hosts as [USER@]ADDRESS[:PORT]`],
    });
  const ssh = {
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port: Number(port) }),
  };
  return { address, ssh };
}

/** What a member's own `ssh` says, by how its host was dialled. */
export function sshOfMachine(
  machines: readonly NamedMachine[],
  host: string,
  address: string,
): NamedMachine['ssh'] & { readonly host?: string } {
  const { ssh } = machines.find((one) => one.address === host) ?? machines[0] ?? { ssh: {} };
  return { ...(host !== address && { host }), ...ssh };
}

// In an inventory a relative path starts at its own place.
function absolute(path: string): string {
  return path.startsWith('~') ? path : resolve(path);
}

/** The words that call adopt again for the same hosts, reached the same way. */
export function sameAgain(args: ArgumentsOf<typeof adoptOptions>): readonly string[] {
  const given = [
    ['--out', args.out],
    ['--cluster', args.cluster],
    ['--layout', args.layout],
    ['--ssh-user', args.sshUser],
    ['--identity', args.identity],
    ['--ssh-passphrase', args.sshPassphrase],
    ['--ssh-password', args.sshPassword],
    ['--become', args.become],
    ['--become-password', args.becomePassword],
    ['--jump', args.jump],
    ['--known-hosts', args.knownHosts],
  ] as const;
  return [
    ...(args.hosts ?? []),
    ...given.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(args.acceptNew ? ['--accept-new'] : []),
  ];
}
