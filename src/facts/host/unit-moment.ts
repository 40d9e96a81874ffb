import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';

/** Where a unit stands. */
export interface UnitMoment {
  /** systemd's own word: active, activating, deactivating, … */
  readonly active: string;
  readonly sub: string;
  readonly pid: number;
  /** How often systemd started it again by itself. */
  readonly restarts: number;
}

/** Where a unit stands at this moment, as systemd says. */
export const momentFact = (unit: string): Fact<UnitMoment> => ({
  ask: sh`systemctl show ${unit}.service --property=ActiveState,SubState,MainPID,NRestarts`,
  read({ stdout }) {
    const found = properties(stdout);
    return {
      active: found.get('ActiveState') ?? 'unknown',
      sub: found.get('SubState') ?? 'unknown',
      pid: Number(found.get('MainPID') ?? 0),
      restarts: Number(found.get('NRestarts') ?? 0),
    };
  },
});
