import { consumerName } from '../desired/client-certificates.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Inventory } from '../inventory/schema.ts';
import { loggedHost } from '../log/logged-host.ts';
import { targetOf } from '../ssh/target.ts';
import { secretAsker } from './ask-secret.ts';

/** A machine as it is connected to. */
type Machine = Parameters<typeof targetOf>[2];

/** Connects to machines as the `ssh` of an inventory says, in their order; a Failure says why there is no connection to one. */
export type Connect = (machines: readonly Machine[]) => Promise<readonly (Host | Failure)[]>;

/** Connections to the hosts of an inventory. */
export interface Connections {
  /** Members that could be reached. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** Members that could not be reached, with why. */
  readonly unreachable: ReadonlyMap<string, Failure>;
  /** Consumers that could be reached. */
  readonly consumers: ReadonlyMap<string, Host>;
  /** Why consumers could not be reached. */
  readonly leftOut: readonly Failure[];
}

/** How machines are connected to. ssh2 takes 50 ms to load, so only those pay who connect. */
export async function connector(
  { ssh }: Pick<Inventory, 'ssh'>,
  directory: string,
  options: { readonly concurrency: number },
): Promise<Connect> {
  const ask = secretAsker();
  const { connectAll } = await import('../ssh/connect.ts');
  return (machines) =>
    connectAll(
      machines.map((machine) => targetOf(directory, ssh, machine)),
      { ...options, ...(ask && { ask }) },
    );
}

/** Connects to the hosts of all members, and to those of consumers where they are wanted too. */
export async function connectHosts(
  connect: Connect,
  inventory: Pick<Inventory, 'members' | 'consumers' | 'protocol'>,
  options: { readonly withConsumers?: boolean; readonly unlogged?: boolean },
): Promise<Connections> {
  const { members } = inventory;
  const further = options.withConsumers ? consumerMachines(inventory) : [];
  const machines = [...members, ...further];
  const all = await connect(machines);
  const named = all.map((one, at) => [machines[at]?.name ?? '', one] as const);
  const [ofMembers, ofConsumers] = [named.slice(0, members.length), named.slice(members.length)];
  return {
    hosts: reached(ofMembers, options),
    unreachable: new Map(
      ofMembers.flatMap(([name, one]) => (one instanceof Failure ? [[name, one]] : [])),
    ),
    consumers: reached(ofConsumers, options),
    leftOut: ofConsumers.flatMap(([, one]) => (one instanceof Failure ? [one] : [])),
  };
}

/** The hosts among them, which log what is run there unless that may not be known. */
export function reached(
  all: readonly (readonly [name: string, Host | Failure])[],
  { unlogged = false }: { readonly unlogged?: boolean },
): ReadonlyMap<string, Host> {
  return new Map(
    all.flatMap(([name, one]) =>
      one instanceof Failure ? [] : [[name, unlogged ? one : loggedHost(one)]],
    ),
  );
}

function consumerMachines({
  protocol,
  consumers,
}: Pick<Inventory, 'consumers' | 'protocol'>): readonly Machine[] {
  if (protocol === 'http') return [];
  return consumers.flatMap((consumer) =>
    consumer.hosts.map((host) => ({ ...host, name: consumerName(consumer, host) })),
  );
}
