import { timeoutWords } from './deadline.ts';

/** What is printed where our part begins; everything up to it came from somebody's profile. */
export const BEGIN = Buffer.from('\n\u0001provision begins\u0001\n');

// Spelled in octal: a profile that traces its commands must not print the mark by accident.
const MARK = [...BEGIN].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
/** The shell command that prints it. */
export const PRINT_BEGIN = `printf %b "${MARK}"`;

// What the script inherits is decided here, so that no profile's ETCDCTL_*, LANG, CDPATH or umask reaches it.
const WRAPPER = `umask 022; ${PRINT_BEGIN}; ${PRINT_BEGIN} >&2; text=$(printf %b "$1"); set --; eval "$text"`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The line that makes any login shell (sh, bash, zsh, fish, tcsh) become /bin/sh running the text. Single quotes alone
 * do not do: csh expands `!` inside them and ends at a newline, fish reads backslashes; so those travel as octal. The
 * host itself ends it soon after the deadline in seconds. As few programs as possible stand in between: a host pays a
 * millisecond for each.
 */
export function loginShellLine(text: string, deadline?: number): string {
  const words = Buffer.from(text)
    .toString('latin1')
    .replace(/[^ -~]|['!\\]/g, octal);
  return `exec /usr/bin/env -i HOME="$HOME" PATH=${PATH} LC_ALL=C /usr/bin/${timeoutWords(deadline)} /bin/sh -c '${WRAPPER}' sh '${words}'`;
}

function octal(character: string): string {
  return `\\0${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
