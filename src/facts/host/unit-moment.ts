import { sh } from '../../shell/command.ts';
import { type Fact, properties } from '../fact.ts';
import { showUnit } from './show-unit.ts';
import type { UnitFact } from './unit.ts';

/** Where a unit stands, with its main process, whatever that runs. */
export type UnitMoment = Pick<UnitFact, 'active' | 'sub' | 'pid' | 'restarts'>;

/** Where a unit stands at this moment, as systemd says. */
export const momentFact = (unit: string): Fact<UnitMoment> => ({
  first: [showUnit(unit)],
  ask: sh`echo "$shown"`,
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
