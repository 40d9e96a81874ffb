import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Authority } from '../pki/ca/authority.ts';
import { signerDirectory } from '../pki/ca/peer-ca.ts';
import type { SigningCa } from '../pki/issue/sign.ts';
import type { Keyring } from '../pki/keys/keyring.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedCluster } from '../plan/planned-cluster.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import type { Shipment } from '../snapshot/upload.ts';
import type { Trials } from './units/trials.ts';

/** What a plan is done with: connections, the PKI store, keys, the clock. What is done it says itself. */
export interface Means {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Directory of the PKI store. */
  readonly store: string;
  /** What signs; its keys stay in this process. */
  readonly keyring: Keyring;
  readonly now: Date;
  /** Seconds a member may take to become ready. */
  readonly timeout: number;
  /** Connects to a machine that the inventory does not name any more, as it says how to. */
  readonly reach?: (machine: {
    readonly name: string;
    readonly address: string;
  }) => Promise<Host | Failure>;
  /** Gives the lock of the cluster back on a host that is about to reboot; without it there is none to give back. */
  readonly leave?: (host: string) => Promise<LeftHost>;
  /** The snapshot that steps bring to hosts, where there is one. */
  readonly snapshot?: Shipment;
  /** Told when a step has begun that changes the cluster: what ends the run from then on is no refusal. */
  readonly onChange?: () => void;
  /** Once aborted no further step begins; its reason is the Failure that says why. */
  readonly stop?: AbortSignal;
  /** Told whenever a member is about to stop, with the hosts to which something is still to be done: others may be looked at. */
  readonly whileStopping?: ((ahead: readonly string[]) => void) | undefined;
  /** The failure with why members do not come up. */
  readonly diagnose: (failure: Failure, next: Next, failed: Plan) => Promise<Failure>;
}

/** A host on which the lock was given back. */
export interface LeftHost {
  /** The connection that asks for no lock. */
  readonly host: Host;
  /** Takes the lock there again. Throws Locked where another run has it. */
  readonly rejoin: () => Promise<void>;
}

/** What a step is done with; what it is about it says itself. */
export interface StepContext extends Omit<Means, 'diagnose' | 'whileStopping'> {
  /** Begins what is done while a member stops: its host has nothing to do then. */
  readonly stopping?: () => void;
  /** Programs that are tried beside what goes before their start. */
  readonly trials?: Trials;
}

/** What gates are asked with: the means, and the members that they name. */
export interface GateContext extends StepContext {
  readonly desired: PlannedCluster;
}

/** The connection to a host. Throws a Failure where there is none. */
export function hostOf({ hosts }: Pick<Means, 'hosts'>, name: string): Host {
  const host = hosts.get(name);
  if (host === undefined)
    throw new Failure('unreachable', `${name}: it is not connected`, {
      next: [remedy`run the same command again: it connects to all hosts first`],
    });
  return host;
}

/** The CA that signs for an authority. Throws a Failure that says what stands in the way. */
export async function signerOf(
  { store, keyring }: Pick<StepContext, 'store' | 'keyring'>,
  authority: Authority,
): Promise<SigningCa> {
  return keyring.open(await signerDirectory(store, authority));
}
