import type { Binary } from '../binaries/binary.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { readInventory } from '../inventory/read.ts';
import type { Inventory } from '../inventory/schema.ts';
import { startLog } from '../log/run-log.ts';
import { storeDirectory } from '../pki/store/store-files.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { connectHosts, connector, reached } from './connections.ts';
import { describeCluster } from './describe-cluster.ts';
import { type KnownMachine, knownMachines } from './known-machines.ts';
import { type NamesGiven, refuseUnknownNames } from './known-names.ts';
import { missingHosts, type Needs } from './needs.ts';
import { findOutgoing, withOutgoing } from './outgoing.ts';
import { programsFor } from './session-programs.ts';

/** One cluster as a command works on it. */
export interface Session {
  /** The inventory file, for commands that are shown. */
  readonly file: string;
  readonly inventory: Inventory;
  /** The protocol that the inventory names, whatever the command describes the cluster with. */
  readonly writtenProtocol: Inventory['protocol'];
  readonly desired: DesiredCluster;
  /** Directory of the PKI store. */
  readonly store: string;
  readonly hosts: ReadonlyMap<string, Host>;
  /** Consumers whose host could be reached; empty unless the command is about them too. */
  readonly consumers: ReadonlyMap<string, Host>;
  /** Members whose host could not be reached, with why; empty where every host is needed. */
  readonly unreachable: ReadonlyMap<string, Failure>;
  /** What must be seen before anything is decided. */
  readonly needs: Needs;
  /** The programs of the inventory's version, or of another one where the source has it. */
  readonly binaries: (version?: string) => Promise<readonly Binary[]>;
  /** Whether the source of programs has every version. */
  readonly hasEveryVersion: boolean;
  /** Machines that this machine knows of members which are to be removed. */
  readonly removing: readonly KnownMachine[];
  /** Connects to a machine that the inventory does not name any more, as its `ssh` says; who asks closes it. */
  readonly reach: (machine: {
    readonly name: string;
    readonly address: string;
  }) => Promise<Host | Failure>;
}

/** Gives the failures of hosts that are needed and could not be reached, with more about them. */
export type TellAway = (
  failures: readonly Failure[],
  around: Pick<Session, 'desired' | 'hosts' | 'unreachable' | 'store'>,
) => Promise<readonly Failure[]>;

export interface SessionOptions extends NamesGiven {
  readonly inventory: string;
  /** Read the inventory as it is when its settings have the names of its version. */
  readonly rewriteSettings?: boolean;
  readonly concurrency: number;
  /** The protocol to describe the cluster with, instead of the inventory's. */
  readonly protocol?: Inventory['protocol'];
  /** What peers are to trust, instead of what the store has. */
  readonly peerCa?: Inventory['pki']['peerCa'];
  /** What must be seen before anything is decided; every host unless it says otherwise. */
  readonly needs?: Needs;
  /** Says of hosts that are needed and could not be reached how the same is done without them, or why nothing is. */
  readonly whenUnreachable?: TellAway;
  /** Connect to the hosts of consumers too; one that cannot be reached is told and left out. */
  readonly withConsumers?: boolean;
  /** Look for members on machines that the inventory does not name any more, where all of its own are new. */
  readonly withOutgoing?: boolean;
  /** Members that are to leave the cluster, by their names. */
  readonly leaving?: readonly string[] | undefined;
  /** Begun while the hosts shake hands: loads what the work needs. */
  readonly meanwhile?: () => Promise<unknown>;
  /** Keep what is run on the hosts out of the log: the user's own words may hold passwords. */
  readonly unlogged?: boolean;
}

/** Reads the inventory, connects to its hosts, does the work and closes the connections whatever happens. */
export async function withSession<T>(
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { needs = 'every-host' } = options;
  const { peerCaWanted, directory, warnings, placeOf, ...file } = await readInventory(
    options.inventory,
    { rewritten: options.rewriteSettings === true },
  );
  const { inventory: written } = file;
  const inventory = {
    ...written,
    protocol: options.protocol ?? written.protocol,
    pki: { ...written.pki, peerCa: options.peerCa ?? written.pki.peerCa },
  };
  startLog(process.argv.slice(2), written.cluster);
  refuseUnknownNames(written, options.inventory, options);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const store = storeDirectory(inventory, directory);
  const connect = await connector(inventory, directory, options);
  // Hosts take their time over a handshake: what else is to be loaded here is loaded in it.
  const [connected, described, known] = await Promise.allSettled([
    connectHosts(connect, inventory, options),
    describeCluster(inventory),
    options.withOutgoing ? knownMachines({ inventory, file: options.inventory, store }) : [],
    options.meanwhile?.(),
  ]);
  if (connected.status === 'rejected') throw connected.reason;
  const { hosts: own, consumers, unreachable, leftOut } = connected.value;
  const outgoing: Host[] = [];
  try {
    if (described.status === 'rejected') throw described.reason;
    if (known.status === 'rejected') throw known.reason;
    for (const { message } of leftOut) console.error(`warning: left out: ${message}`);
    const missing = missingHosts(needs, { hosts: own, consumers, unreachable });
    const around = { desired: described.value, hosts: own, unreachable, store };
    const told = missing.length === 0 ? missing : await options.whenUnreachable?.(missing, around);
    throwTogether(withWhatWorks(told ?? missing, needs, own.size));
    const reach = { desired: described.value, hosts: own, store };
    const found = await findOutgoing(known.value, reach, connect);
    outgoing.push(...found.members.map(({ host }) => host));
    const leaving = outgoing.map((host) => [host.name, host] as const);
    const hosts = new Map([...own, ...reached(leaving, options)]);
    const otherPeerCa = peerCaWanted === inventory.pki.peerCa ? undefined : peerCaWanted;
    return await work({
      file: options.inventory,
      inventory,
      writtenProtocol: written.protocol,
      desired: {
        ...(await withOutgoing(described.value, inventory, found)),
        ...(otherPeerCa && { otherPeerCa }),
      },
      store,
      hosts,
      consumers,
      unreachable,
      needs,
      removing: known.value.filter(({ name }) => options.leaving?.includes(name) === true),
      hasEveryVersion: 'release' in inventory.etcd.source,
      binaries: programsFor({ inventory, directory, placeOf }, hosts),
      reach: async (machine) => {
        const [one] = await connect([machine]);
        return one ?? new Failure('unreachable', `${machine.name}: not connected`, { next: [] });
      },
    });
  } finally {
    const open = [...own.values(), ...consumers.values(), ...outgoing];
    await Promise.all(open.map((host) => host.close()));
  }
}

/** The failures, with what can be done while these hosts are away, where others are there. */
function withWhatWorks(
  failures: readonly Failure[],
  needs: Needs,
  reached: number,
): readonly Failure[] {
  const [first, ...others] = failures;
  const isOfAll = needs === 'every-host' || (typeof needs === 'object' && 'but' in needs);
  if (first === undefined || reached === 0 || !isOfAll) return failures;
  const { reason, message, cause, log, next } = first;
  const details = { cause, log, next: [...next, WITHOUT_ALL] };
  return [new Failure(reason, message, details), ...others];
}

// What else may be done without this host depends on who answers, and on whether it ever was a member.
const WITHOUT_ALL = remedy`see what can be done without it: ${provision('doctor', INVENTORY)}`;

/** Members and consumers alike, by the names that steps use. */
export function everyHost({
  hosts,
  consumers,
}: Pick<Session, 'hosts' | 'consumers'>): ReadonlyMap<string, Host> {
  return new Map([...hosts, ...consumers]);
}
