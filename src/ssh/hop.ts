import { quote } from '../shell/command.ts';

/** One login on the way to a target, with nothing left to decide. */
export interface Hop {
  /** How messages call it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The jump hosts before it as `ssh -J` takes them, for commands a person may type. */
  readonly via: string | undefined;
  readonly identityFiles: readonly string[];
  /** Whether somebody chose the identity files; else they are ssh's usual ones. */
  readonly named: boolean;
  /** Whether only the identity files may be tried, and not whatever else an agent holds. */
  readonly identitiesOnly: boolean;
  /** Where the passphrase of the identity file and a login password come from: `ask`, `env:…` or `fd:…`. */
  readonly passphrase: string | undefined;
  readonly password: string | undefined;
  readonly hostKeys: 'strict' | 'accept-new';
  /** Pinned fingerprint. */
  readonly hostKey: string | undefined;
  /** New keys are recorded in the first. */
  readonly knownHosts: readonly string[];
}

/** The `ssh` command that goes the same way. */
export function sshCommand({ via, port, user, host }: Hop, options: readonly string[]): string {
  const words = [...options, ...(via ? ['-J', via] : []), '-p', port, `${user}@${host}`, 'true'];
  return ['ssh', ...words.map(quote)].join(' ');
}
