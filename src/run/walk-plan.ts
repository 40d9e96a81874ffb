import { type Brake, rollOut, type Show } from '../apply/roll-out.ts';
import type { Means } from '../apply/step-context.ts';
import type { Timing } from '../apply/timing.ts';
import { diagnosing } from '../diagnosis/with-diagnosis.ts';
import { type Keyring, keyring } from '../pki/keys/keyring.ts';
import type { Plan } from '../plan/plan.ts';
import type { Operation } from './operation.ts';
import { everyHost } from './session.ts';

/** Where a plan is walked; without `stop` it is walked to its end although the run is told to stop. */
export type Walkable = Pick<Operation, 'desired' | 'hosts' | 'store'> &
  Partial<Pick<Operation, 'consumers' | 'reach' | 'stop' | 'onChange' | 'leave'>>;

export interface Walk {
  /** Seconds a member may take to become ready. */
  readonly timeout: number;
  readonly show: Show;
  readonly now?: Date;
  /** Opens no CA that is encrypted where it is missing. */
  readonly keyring?: Keyring;
  readonly snapshot?: Means['snapshot'];
  readonly brake?: Brake | undefined;
  readonly whileStopping?: Means['whileStopping'];
}

/** Walks a plan with the connections of this run; gives how long each step took. Throws a Failure. */
export async function walkPlan(
  { desired, hosts: members, store, consumers = new Map(), reach, stop, onChange, leave }: Walkable,
  plan: Plan,
  { timeout, show, now = new Date(), snapshot, brake, whileStopping, ...keys }: Walk,
): Promise<readonly Timing[]> {
  const hosts = everyHost({ hosts: members, consumers });
  const means: Means = {
    ...{ hosts, store, now, timeout, keyring: keys.keyring ?? keyring(now) },
    ...{
      ...(reach && { reach }),
      ...(stop && { stop }),
      ...(onChange && { onChange }),
      ...(leave && { leave }),
      ...(snapshot && { snapshot }),
      ...(whileStopping && { whileStopping }),
    },
    diagnose: diagnosing({ desired, hosts, store }),
  };
  return rollOut(plan, means, show, brake);
}

/** How progress is shown: nothing beside the result with --json, a live list on a terminal, plain lines elsewhere. */
export function showFor({ json }: { readonly json: boolean }): Show {
  if (json) return 'nothing';
  return process.stdout.isTTY ? 'live' : 'lines';
}
