import type { Binary } from '../binaries/binary.ts';
import { architectureOf } from '../binaries/host-architecture.ts';
import { resolveBinaries } from '../binaries/resolve.ts';
import { atVersion } from '../desired/at-version.ts';
import { consumerName } from '../desired/client-certificates.ts';
import type { DesiredCluster } from '../desired/cluster.ts';
import { Failure } from '../failure/failure.ts';
import { throwTogether } from '../failure/together.ts';
import type { Host } from '../host/host.ts';
import { readInventory } from '../inventory/read.ts';
import type { Inventory } from '../inventory/schema.ts';
import { loggedHost } from '../log/logged-host.ts';
import { startLog } from '../log/run-log.ts';
import { storeDirectory } from '../pki/store/store-files.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import { targetOf } from '../ssh/target.ts';
import { secretAsker } from './ask-secret.ts';
import { describeCluster } from './describe-cluster.ts';
import { knownMachines } from './known-machines.ts';
import { type NamesGiven, refuseUnknownNames } from './known-names.ts';
import { missingHosts, type Needs } from './needs.ts';
import { findOutgoing, withOutgoing } from './outgoing.ts';

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
  readonly concurrency: number;
  /** The protocol to describe the cluster with, instead of the inventory's. */
  readonly protocol?: Inventory['protocol'];
  /** What peers are to trust, instead of what the store has. */
  readonly peerCa?: Inventory['pki']['peerCa'];
  /** What must be seen before anything is decided; every host unless it says otherwise. */
  readonly needs?: Needs;
  /** Says of hosts that are needed and could not be reached how the same is done without them, or why nothing is. */
  readonly away?: TellAway;
  /** Connect to the hosts of consumers too; one that cannot be reached is told and left out. */
  readonly withConsumers?: boolean;
  /** Look for members on machines that the inventory does not name any more, where all of its own are new. */
  readonly withOutgoing?: boolean;
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
  const { peerCaWanted, directory, warnings, placeOf, ...file } = await readInventory(
    options.inventory,
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
  const targets = inventory.members.map((member) => targetOf(directory, inventory.ssh, member));
  const ask = secretAsker();
  const further = options.withConsumers ? consumerTargets(inventory, directory) : [];
  // ssh2 takes 50 ms to load, so only those pay who connect. Hosts take their time over a handshake: what else is to
  // be loaded here is loaded in it.
  const { connectAll } = await import('../ssh/connect.ts');
  const otherPeerCa = peerCaWanted === inventory.pki.peerCa ? undefined : peerCaWanted;
  const store = storeDirectory(inventory, directory);
  const [connected, described, known] = await Promise.allSettled([
    connectAll([...targets, ...further], { ...options, ...(ask && { ask }) }),
    describeCluster(inventory),
    options.withOutgoing ? knownMachines({ inventory, file: options.inventory, store }) : [],
    options.meanwhile?.(),
  ]);
  if (connected.status === 'rejected') throw connected.reason;
  const all = connected.value;
  const connections = all.slice(0, targets.length);
  const logged = (some: typeof all) =>
    new Map(
      some.flatMap((one) => {
        if (one instanceof Failure) return [];
        return [[one.name, options.unlogged ? one : loggedHost(one)] as const];
      }),
    );
  const ownHosts = logged(connections);
  const consumers = logged(all.slice(targets.length));
  const outgoing: Host[] = [];
  try {
    if (described.status === 'rejected') throw described.reason;
    if (known.status === 'rejected') throw known.reason;
    for (const one of all.slice(targets.length))
      if (one instanceof Failure) console.error(`warning: left out: ${one.message}`);
    const unreachable = new Map(
      connections.flatMap((one, index) =>
        one instanceof Failure ? [[targets[index]?.name ?? '', one] as const] : [],
      ),
    );
    const { needs = 'every-host' } = options;
    const missing = missingHosts(needs, { hosts: ownHosts, consumers, unreachable });
    const around = { desired: described.value, hosts: ownHosts, unreachable, store };
    const told = missing.length === 0 ? missing : await options.away?.(missing, around);
    throwTogether(withWhatWorks(told ?? missing, needs, ownHosts.size));
    const connect = (machines: readonly { readonly name: string; readonly address: string }[]) =>
      connectAll(
        machines.map((machine) => targetOf(directory, inventory.ssh, machine)),
        { ...options, ...(ask && { ask }) },
      );
    const own = { desired: described.value, hosts: ownHosts };
    const found = await findOutgoing(known.value, own, connect);
    outgoing.push(...found.members.map(({ host }) => host));
    const hosts = new Map([...ownHosts, ...logged(outgoing)]);
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
      hasEveryVersion: 'release' in inventory.etcd.source,
      binaries: (version = inventory.etcd.version) =>
        binariesFor(atVersion(inventory, version), directory, hosts).catch((error: unknown) => {
          throw placed(error, inventory, placeOf);
        }),
      reach: async (machine) => {
        const [one] = await connect([machine]);
        return one ?? new Failure('unreachable', `${machine.name}: not connected`, { next: [] });
      },
    });
  } finally {
    const open = [...ownHosts.values(), ...consumers.values(), ...outgoing];
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

function consumerTargets({ protocol, consumers, ssh }: Inventory, directory: string) {
  if (protocol === 'http') return [];
  return consumers.flatMap((consumer) =>
    consumer.hosts.map((host) =>
      targetOf(directory, ssh, { name: consumerName(consumer, host), ...host }),
    ),
  );
}

/** What is wrong with programs that are brought from here is a mistake of the inventory, at the line that names them. */
function placed(
  error: unknown,
  { etcd: { source } }: Inventory,
  placeOf: (at: readonly string[]) => string,
): unknown {
  if (!(error instanceof Failure) || error.reason !== 'usage') return error;
  const [kind = ''] = Object.keys(source);
  const { reason, message, cause, log, next } = error;
  const place = placeOf(['etcd', 'source', kind]);
  return new Failure(reason, `${place}: ${message}`, { cause, log, next });
}

// Only a release offers programs for several architectures; the plan refuses hosts that differ from the first.
async function binariesFor(
  { etcd }: Inventory,
  directory: string,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Binary[]> {
  const [first] = hosts.values();
  if (first === undefined || !('release' in etcd.source)) return resolveBinaries(etcd, directory);
  return resolveBinaries(etcd, directory, { architecture: await architectureOf(first) });
}
