import { type Command, sh } from '../shell/command.ts';

/** The timers that a cluster may have on a host beside its unit, by their unit names. */
export function timersOf(unit: string): {
  readonly snapshots: string;
  readonly maintenance: string;
} {
  return { snapshots: `${unit}-snapshot.timer`, maintenance: `${unit}-maintain.timer` };
}

/** Those of them that begin with this line, as words of a shell: nothing where there are none. */
export function timersHeaded(unit: string, head: string): Command {
  return sh`$(cd /etc/systemd/system && grep -lsxF ${head} ${Object.values(timersOf(unit))})`;
}
