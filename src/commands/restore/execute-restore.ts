import { rollOut } from '../../apply/roll-out.ts';
import { diagnosing } from '../../diagnosis/diagnosed.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { Failure } from '../../failure/failure.ts';
import type { Plan } from '../../plan/plan.ts';
import { changeOf } from '../../run/change.ts';
import { showFor } from '../../run/execute-plan.ts';
import { openKeyring } from '../../run/open-keyring.ts';
import type { Operation } from '../../run/operation.ts';
import type { Shipment } from '../../snapshot/upload.ts';
import { recovered } from './recovery.ts';

export interface RestoreLimits {
  readonly inventory: string;
  readonly passphraseFrom?: string | undefined;
  readonly timeout: number;
  readonly json: boolean;
}

/**
 * Does what a restore's plan says. Where it fails after members were stopped and before the restored cluster can have
 * acknowledged anything, the former data and configuration are put back and started, unless the caller sees to that.
 * Throws a Failure that says what is the case then.
 */
export async function carryOutRestore(
  operation: Operation,
  plan: Plan,
  facts: ClusterFacts,
  snapshot: Shipment,
  limits: RestoreLimits & { readonly recovers: boolean },
): Promise<void> {
  const { file, desired, hosts, store, stop } = operation;
  const keyring = await openKeyring(plan, facts, limits.passphraseFrom);
  const diagnose = diagnosing({ desired, hosts, store }, file);
  const means = { hosts, store, stop, keyring, snapshot, diagnose };
  const times = { now: facts.now, timeout: limits.timeout };
  await operation.change(changeOf(plan), async () => {
    try {
      await rollOut(plan, { ...means, ...times }, showFor(limits));
    } catch (error) {
      if (!(error instanceof Failure) || !limits.recovers) throw error;
      throw await recovered(error, operation, limits);
    }
  });
}
