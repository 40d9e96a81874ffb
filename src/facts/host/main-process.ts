import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import type { ListenerFact } from './port.ts';
import { showUnit } from './show-unit.ts';
import type { UnitFact } from './unit.ts';

/** The main process of a unit, 0 where it has none: asked once more when all else has been. */
export const mainProcessFact = (unit: string): Fact<number> => ({
  first: [showUnit(unit)],
  // One that lives is still the main one; systemd would have to be asked only to hear the same.
  ask: sh`birth "$pid"
if [ -n "$birth" ] && [ "$birth" = "$born" ]; then echo "MainPID=$pid"; else systemctl show ${unit}.service --property=MainPID; fi`,
  read: ({ stdout }) => Number(properties(stdout).get('MainPID') ?? 0),
});

interface Look {
  readonly unit: UnitFact;
  readonly listeners: readonly ListenerFact[];
}

/**
 * A look as of one moment. Where the main process was not the same at its end, the unit had none throughout: what was read
 * in between (a version, ports) is of nobody any more, or of the next process, and no rule may hold one against the other.
 */
export function ofOneMoment<Seen extends Look>(seen: Seen, last: number): Seen {
  const { unit, listeners } = seen;
  if (unit.pid === last) return seen;
  return {
    ...seen,
    unit: { ...unit, pid: 0, startedAt: undefined, process: undefined },
    listeners: listeners.filter(({ pid }) => pid === 0 || (pid !== unit.pid && pid !== last)),
  };
}
