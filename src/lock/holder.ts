import { hostname, userInfo } from 'node:os';
import { printable } from '../host/printable.ts';

/** Who works on a cluster, as the hosts keep it beside the lock. */
export interface Holder {
  /** Random; names this run in lock, history and log. */
  readonly id: string;
  /** `user@machine` */
  readonly who: string;
  readonly pid: number;
  readonly command: string;
  /** ISO 8601 by the holder's own clock. */
  readonly since: string;
}

/** The person at this machine: the one behind sudo, where there is one. */
export function thisOperator(env: NodeJS.ProcessEnv = process.env): string {
  return `${env.SUDO_USER ?? userName()}@${hostname()}`;
}

/** The line as the holder it describes; undefined when no holder wrote it. */
export function readHolder(line: string): Holder | undefined {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    // A line cut short by a full disk or a lost connection.
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const { id, who, pid, command, since } = found as Record<string, unknown>;
  const texts = [id, who, command, since].map((one) =>
    typeof one === 'string' ? printable(one).replaceAll('\n', ' ').slice(0, 200) : '',
  );
  const [first = '', second = '', third = '', fourth = ''] = texts;
  if (first === '' || second === '') return undefined;
  return { id: first, who: second, pid: Number(pid), command: third, since: fourth };
}

/** The holder in words: who, doing what, since when. */
export function describeHolder({ who, pid, command, since }: Holder): string {
  return `${who} (process ${pid}), doing ${command} since ${since}`;
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
