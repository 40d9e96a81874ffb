import { hostname, userInfo } from 'node:os';
import * as z from 'zod';
import { printable } from '../host/printable.ts';

const shown = z.string().transform((text) => printable(text).replaceAll('\n', ' ').slice(0, 200));

const schema = z.object({
  id: shown.pipe(z.string().min(1)).describe('random; names this run in lock, history and log'),
  who: shown.pipe(z.string().min(1)).describe('user@machine'),
  pid: z.coerce.number().catch(Number.NaN),
  command: shown.catch(''),
  option: shown.optional().catch(undefined).describe('how much it removes: --purge'),
  since: shown.catch('').describe("ISO 8601 by the holder's own clock"),
});

/** Who works on a cluster, as the hosts keep it beside the lock. */
export type Holder = Readonly<z.output<typeof schema>>;

/** The person at this machine: the one behind sudo, where there is one. */
export function thisOperator(env: NodeJS.ProcessEnv = process.env): string {
  return `${env.SUDO_USER ?? userName()}@${hostname()}`;
}

/** The line as the holder it describes; undefined when no holder wrote it. */
export function readHolder(line: string): Holder | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    // Cut short by a full disk or a lost connection, or of somebody else.
    return undefined;
  }
}

/** The holder in words: who, doing what, since when. */
export function describeHolder({ who, pid, command, option, since }: Holder): string {
  const doing = option === undefined ? command : `${command} ${option}`;
  return `${who} (process ${pid}), doing ${doing} since ${since}`;
}

/** Whether the holder was a process of this machine that has ended. */
export function isGone({ who, pid }: Holder): boolean {
  if (who !== thisOperator() || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without a line in passwd, as containers have it.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
