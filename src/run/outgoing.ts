import type { DesiredCluster } from '../desired/cluster.ts';
import { readHeader } from '../desired/header.ts';
import { askAll } from '../facts/fact.ts';
import { fileFact } from '../facts/host/file.ts';
import { momentFact } from '../facts/host/unit-moment.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Inventory } from '../inventory/schema.ts';
import { describeCluster } from './describe-cluster.ts';
import { type KnownMachine, knownMachines, type Memory } from './known-machines.ts';

/** A member that the inventory does not name any more, on a machine that runs it. */
export interface OutgoingMember {
  readonly name: string;
  readonly address: string;
  readonly host: Host;
}

/** What is left of members that the inventory does not name any more, as far as this machine knows of them. */
export interface Outgoing {
  readonly members: readonly OutgoingMember[];
  /** Machines that could not be asked, by their addresses: whether the cluster runs there is not known. */
  readonly unasked: readonly KnownMachine[];
}

/** Where nobody is looked for, or found. */
export const NOBODY: Outgoing = { members: [], unasked: [] };

/**
 * The members that the machines of an inventory are to take over from, where all machines are new: nobody of the inventory
 * can tell then who the members are, so the machines are asked for which the store has certificates, or where the last run
 * with this inventory found members. Asks nobody where several members of the inventory run: they tell it.
 */
export async function findOutgoing(
  memory: Memory,
  { desired, hosts }: { desired: DesiredCluster; hosts: ReadonlyMap<string, Host> },
  connect: (machines: readonly KnownMachine[]) => Promise<readonly (Host | Failure)[]>,
): Promise<Outgoing> {
  const known = await knownMachines(memory);
  if (known.length === 0) return NOBODY;
  const own = await Promise.all([...hosts.values()].map((host) => runs(host, desired)));
  if (own.filter((one) => one).length > 1) return NOBODY;
  const reached = await connect(known);
  const asked = await Promise.all(
    reached.map(async (host, at): Promise<Outgoing> => {
      const machine = known[at];
      if (machine === undefined) return NOBODY;
      if (host instanceof Failure) return { members: [], unasked: [machine] };
      const name = await memberOn(host, desired).catch(asFailure);
      if (name instanceof Failure) {
        await host.close();
        return { members: [], unasked: [machine] };
      }
      if (name === undefined || desired.members.some((one) => one.name === name)) {
        await host.close();
        return NOBODY;
      }
      // It is spoken of as a member from now on.
      const member = { name, address: machine.address, host: { ...host, name } };
      return { members: [member], unasked: [] };
    }),
  );
  return {
    members: asked.flatMap(({ members }) => members),
    unasked: asked.flatMap(({ unasked }) => unasked),
  };
}

/** The cluster with members that are to leave, as the inventory would make them: with its paths, ports and protocol. */
export async function withOutgoing(
  desired: DesiredCluster,
  inventory: Inventory,
  { members: found, unasked }: Outgoing,
): Promise<DesiredCluster> {
  if (found.length === 0 && unasked.length === 0) return desired;
  const members = found.map(({ name, address }) => ({
    ...{ name, address, addresses: [] },
    ...{ settings: {}, ssh: {} },
  }));
  const { members: outgoing } = await describeCluster({ ...inventory, members });
  return { ...desired, outgoing, unasked: unasked.map(({ name }) => name) };
}

async function runs(host: Host, { unit }: Pick<DesiredCluster, 'unit'>): Promise<boolean> {
  const { moment } = await askAll(host, { moment: momentFact(unit) });
  return moment.pid > 0;
}

/** The member of this cluster that runs on a machine, by the file that it was started with. */
async function memberOn(
  host: Host,
  { name, unit, paths }: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
): Promise<string | undefined> {
  const { moment, conf } = await askAll(host, {
    moment: momentFact(unit),
    conf: fileFact(paths.confFile),
  });
  const header = readHeader(conf?.content);
  return moment.pid > 0 && header?.cluster === name ? header.member : undefined;
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
