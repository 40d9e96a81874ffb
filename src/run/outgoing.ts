import type { DesiredCluster, RunningElsewhere } from '../desired/cluster.ts';
import type { FileHeader } from '../desired/templates.ts';
import { askGateway } from '../facts/etcd/ask-gateway.ts';
import { askAll } from '../facts/fact.ts';
import { tenantsFact } from '../facts/host/tenants.ts';
import { momentFact } from '../facts/host/unit-moment.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Inventory } from '../inventory/schema.ts';
import { hasNoOther } from '../observed/membership.ts';
import { type Tenant, tenantsOf } from '../plan/ownership/tenants.ts';
import { describeCluster } from './describe-cluster.ts';
import type { KnownMachine } from './known-machines.ts';

/** A member that the inventory does not name any more, on a machine that runs it. */
export interface OutgoingMember {
  readonly name: string;
  readonly address: string;
  readonly host: Host;
}

/** What is left of members that the inventory does not name any more, as far as this machine knows of them. */
export interface Outgoing {
  readonly members: readonly OutgoingMember[];
  /** Members that run there, and cannot leave: the inventory has their names, or other places for what they are made of. */
  readonly elsewhere: readonly RunningElsewhere[];
  /** Machines that could not be asked, by their addresses: whether the cluster runs there is not known. */
  readonly unasked: readonly KnownMachine[];
}

/** The members of the inventory. */
interface Own {
  readonly desired: DesiredCluster;
  readonly hosts: ReadonlyMap<string, Host>;
  /** Directory of the PKI store. */
  readonly store: string;
}

const NOBODY: Outgoing = { members: [], elsewhere: [], unasked: [] };

/**
 * The members that the machines of an inventory are to take over from, where all machines are new: nobody of the inventory
 * can tell then who the members are, so the machines are asked for which the store has certificates, or where the last run
 * with this inventory found members. Asks nobody where several members of the inventory run, or one whose list has no other:
 * they tell it.
 */
export async function findOutgoing(
  known: readonly KnownMachine[],
  { desired, hosts, store }: Own,
  connect: (machines: readonly KnownMachine[]) => Promise<readonly (Host | Failure)[]>,
): Promise<Outgoing> {
  if (known.length === 0) return NOBODY;
  const own = await Promise.all(
    [...hosts].map(async ([name, host]) => ((await runs(host, desired)) ? [{ name, host }] : [])),
  );
  const [only, ...others] = own.flat();
  if (others.length > 0) return NOBODY;
  const member = desired.members.find(({ name }) => name === only?.name);
  if (only !== undefined && member !== undefined) {
    // Former machines may be gone, and then each would be waited for.
    const told = await askGateway(only.host, desired, member, store);
    if (told?.members !== undefined && hasNoOther(desired, told.members)) return NOBODY;
  }
  const reached = await connect(known);
  const asked = await Promise.all(
    known.map((machine, at) => askMachine(machine, reached[at], desired)),
  );
  return {
    members: await eachOnce(asked.flatMap(({ members }) => members)),
    elsewhere: asked.flatMap(({ elsewhere }) => elsewhere),
    unasked: asked.flatMap(({ unasked }) => unasked),
  };
}

/** One machine may be known by two addresses; the second way to it is closed. */
async function eachOnce(found: readonly OutgoingMember[]): Promise<readonly OutgoingMember[]> {
  const first = new Map(found.toReversed().map((one) => [one.name, one]));
  const twice = found.filter((one) => first.get(one.name) !== one);
  await Promise.all(twice.map(({ host }) => host.close()));
  return found.filter((one) => !twice.includes(one));
}

/** What one machine has of the cluster; the connection stays where it has a member that can leave. */
async function askMachine(
  machine: KnownMachine,
  host: Host | Failure | undefined,
  desired: DesiredCluster,
): Promise<Outgoing> {
  const isNamed = (name: string) => desired.members.some((one) => one.name === name);
  const unasked = isNamed(machine.name) ? NOBODY : { ...NOBODY, unasked: [machine] };
  if (host === undefined || host instanceof Failure) return unasked;
  const found = await memberOn(host, desired).catch(asFailure);
  if (found === undefined || found instanceof Failure) {
    await host.close();
    return found === undefined ? NOBODY : unasked;
  }
  const { unit, confFiles, header } = found;
  const { member } = header;
  const { address } = machine;
  const isSame = unit === `${desired.unit}.service` && confFiles.includes(desired.paths.confFile);
  if (isNamed(member) || !isSame) {
    await host.close();
    const [confFile] = confFiles;
    return { ...NOBODY, elsewhere: [{ member, address, unit, confFile }] };
  }
  // It is spoken of as a member from now on.
  return { ...NOBODY, members: [{ name: member, address, host: { ...host, name: member } }] };
}

/** The cluster with members that are to leave, as the inventory would make them: with its paths, ports and protocol. */
export async function withOutgoing(
  desired: DesiredCluster,
  inventory: Inventory,
  { members: found, elsewhere, unasked }: Outgoing,
): Promise<DesiredCluster> {
  if ([found, elsewhere, unasked].every(({ length }) => length === 0)) return desired;
  const members = found.map(({ name, address }) => ({
    ...{ name, address, addresses: [] },
    ...{ settings: {}, ssh: {} },
  }));
  const { members: outgoing } = await describeCluster({ ...inventory, members });
  return { ...desired, outgoing, elsewhere, unasked: unasked.map(({ name }) => name) };
}

async function runs(host: Host, { unit }: Pick<DesiredCluster, 'unit'>): Promise<boolean> {
  const { moment } = await askAll(host, { moment: momentFact(unit) });
  return moment.pid > 0;
}

/** What runs on a machine as a member of this cluster, by the files that it was started with. */
async function memberOn(
  host: Host,
  { name, unit, paths }: Pick<DesiredCluster, 'name' | 'unit' | 'paths'>,
): Promise<(Tenant & { readonly header: FileHeader }) | undefined> {
  const { tenants } = await askAll(host, { tenants: tenantsFact(paths, unit) });
  return tenantsOf(tenants).flatMap(({ header, ...one }) =>
    one.pid > 0 && header?.cluster === name ? [{ ...one, header }] : [],
  )[0];
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
