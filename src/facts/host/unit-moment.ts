import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import { askAll, type Fact, properties } from '../fact.ts';
import { showUnit } from './show-unit.ts';
import type { UnitFact } from './unit.ts';

// etcd hands its leadership on and lets requests end before it ends itself, and may take several seconds for each.
const STOP_LOOKS = 120;
const STOP_PAUSE = 250;
// Seconds: systemd answers at once, and a host that hangs is waited for by the look itself.
const MOMENT_DEADLINE = 10;

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

/**
 * Where a unit stands once no stop of it is under way: one that an operator gave before its run was killed goes on, and its
 * process would be taken for one that stays. Waits thirty seconds at most. Throws when the host cannot be asked.
 */
export async function settledMoment(host: Host, unit: string): Promise<UnitMoment> {
  for (let looks = 1; ; looks++) {
    const { moment } = await askAll(host, { moment: momentFact(unit) }, MOMENT_DEADLINE);
    if (!isStopping(moment) || looks === STOP_LOOKS) return moment;
    await sleep(STOP_PAUSE);
  }
}

/** Whether a unit is being stopped. */
export function isStopping({ active }: Pick<UnitFact, 'active'>): boolean {
  return active === 'deactivating';
}
