import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The directory of what provision remembers on this machine (XDG Base Directory Specification, XDG_STATE_HOME). */
export function stateHome(env: NodeJS.ProcessEnv = process.env): string {
  const given = env.XDG_STATE_HOME;
  // The specification says to ignore relative paths.
  const base = given && isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  return join(base, 'provision');
}
