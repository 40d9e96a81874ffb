import type { Host } from '../../host/host.ts';
import type { MaintenanceStep } from '../../plan/maintaining/maintenance-step.ts';
import type { StepContext } from '../step-context.ts';
import { compact } from './compact.ts';
import { defragment } from './defragment.ts';
import { disarmNoSpace } from './disarm-no-space.ts';

/** Does one step of housekeeping on a host, deciding nothing. Throws a Failure. */
export async function performMaintenance(
  step: MaintenanceStep,
  host: Host,
  site: StepContext,
): Promise<void> {
  switch (step.kind) {
    case 'defragment':
      return defragment(host, step);
    case 'compact':
      return compact(host, step);
    case 'disarm-nospace':
      return disarmNoSpace(host, site, step);
    default:
      step satisfies never;
  }
}
