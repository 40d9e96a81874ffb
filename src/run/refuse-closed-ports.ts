import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import {
  type Dial,
  type Dialled,
  type DialOutcome,
  dialOwnClientPort,
  dialPeers,
} from '../facts/etcd/dial-peers.ts';
import { askAll } from '../facts/fact.ts';
import { lasting, listenersFact, listensAt } from '../facts/host/port.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { foundOf } from '../observed/found.ts';
import { observed } from '../observed/observed.ts';
import { askedBy } from '../plan/gate.ts';
import { stepsOf } from '../plan/lane.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import type { Problem } from '../problem/problem.ts';
import { remedy } from '../problem/remedy.ts';

/**
 * Where a network drops or rejects what members say to each other, no waiting for one that runs and does not answer helps; and
 * members that all answer may do so over connections that the other side made, which end when it stops. The same holds of a
 * host that drops what is said to its own client port. Dials these ports before members are waited for or stopped, side by
 * side, and throws a Failure (refused) that names each closed way; asks nothing where neither is done.
 */
export async function refuseClosedPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const awaited = awaitedMembers(desired, facts, plan);
  const parted = askedAroundStops(plan);
  if (awaited.length === 0 && parted.length < 2) return;
  const [peers, clients] = await Promise.all([
    closedPeerPorts(desired, facts, { awaited, parted }, hosts),
    closedClientPorts(desired, facts, awaited, hosts),
  ]);
  const closed = [...peers, ...clients];
  if (closed.length === 0) return;
  const names = awaited.join(', ');
  const why =
    awaited.length === 0
      ? 'not every member reaches every other one, so none may stop'
      : `${names} ${awaited.length === 1 ? 'does' : 'do'} not answer`;
  const open = [
    ...(peers.length > 0 ? ['open the peer port in every firewall between them, both ways'] : []),
    ...(clients.length > 0
      ? ['open the client port in the firewall of that host, for the host itself too']
      : []),
  ].join(' and ');
  const next = [remedy`${open}; then run the same command again`];
  const sentence = `${desired.name}: ${why}, nothing was touched:`;
  throw new Failure('refused', { kind: CLOSED, about: awaited, sentence, next }, { parts: closed });
}

const CLOSED = 'closed-port';

interface Concerned {
  /** Every way from and to each of them counts. */
  readonly awaited: readonly string[];
  /** Every way between two of them counts. */
  readonly parted: readonly string[];
}

async function closedPeerPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { awaited, parted }: Concerned,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Problem[]> {
  const running = observed(desired, facts).members.filter(({ runs }) => runs);
  const dialled = running.map(
    ({ desired: { name, peerUrl } }): Dialled => ({ name, peerUrl, listen: '' }),
  );
  const reached = dialled.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  // How long it takes is no question here, and etcd logs each connection that says nothing.
  const dials = await dialPeers(dialled, reached, () => true, 1);
  const ways = [...dials]
    .flatMap(([from, dialled]) => dialled.map((way) => ({ ...way, from })))
    .filter(
      ({ from, to }) =>
        awaited.includes(from) ||
        awaited.includes(to) ||
        (parted.includes(from) && parted.includes(to)),
    );
  const closed = await closedOf(ways, facts, hosts);
  return closed.map(({ from, to, address, why }) => ({
    ...{ kind: CLOSED, about: [from, to], next: [] },
    sentence: `${from} does not reach ${to} at ${address} (${why})`,
  }));
}

/** A member is asked from its own host, so what drops its client port there leaves it without an answer for good. */
async function closedClientPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  awaited: readonly string[],
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Problem[]> {
  const dials = await Promise.all(
    desired.members
      .filter(({ name }) => awaited.includes(name))
      .map(async (member) => {
        const host = hosts.get(member.name);
        return host === undefined ? [] : await dialOwnClientPort(host, member);
      }),
  );
  const closed = await closedOf(dials.flat(), facts, hosts);
  return closed.map(({ to, address, why }) => ({
    ...{ kind: CLOSED, about: [to], next: [] },
    sentence: `${to} does not reach its own client port at ${address} (${why})`,
  }));
}

/** Those that do not get through, with why. Who refuses may be about to listen, unless a process listened there all the while. */
async function closedOf<T extends Dial>(
  ways: readonly T[],
  facts: ClusterFacts,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly (T & { readonly why: string })[]> {
  const refusing = new Set(ways.flatMap(({ to, outcome }) => (outcome === 'refused' ? [to] : [])));
  const listeners = new Map(
    await Promise.all(
      [...refusing].map(async (name) => {
        const before = foundOf(facts, name)?.listeners ?? [];
        const host = hosts.get(name);
        if (host === undefined || before.length === 0) return [name, []] as const;
        const now = listenersFact(before.map(({ port }) => port));
        return [name, lasting(before, (await askAll(host, { now })).now)] as const;
      }),
    ),
  );
  return ways.flatMap((way) => {
    const { to, outcome, address, complaint } = way;
    if (DROPPED.has(outcome)) return [{ ...way, why: complaint }];
    const isRejected =
      outcome === 'refused' && listensAt(listeners.get(to) ?? [], placeOf(address));
    return isRejected ? [{ ...way, why: `${complaint} on the way: it listens there` }] : [];
  });
}

const DROPPED: ReadonlySet<DialOutcome> = new Set(['no answer', 'no route', 'no name']);

function placeOf(address: string): { readonly address: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Those that the plan waits for although nothing in it starts them. */
function awaitedMembers(
  desired: DesiredCluster,
  facts: ClusterFacts,
  { waves }: Plan,
): readonly string[] {
  const asked = askedBy(waves.flatMap(({ before = [], gate }) => [...before, ...gate]));
  return observed(desired, facts)
    .notAnswering.filter(({ name, runs }) => runs && asked.includes(name))
    .map(({ name }) => name);
}

/** Those who must answer around the stop, the restart, the coming or the going of a member: who leaves is not among them. */
function askedAroundStops({ waves }: Plan): readonly string[] {
  const moving = waves.filter(({ lanes }) => stepsOf(lanes).some(({ kind }) => MOVES.has(kind)));
  return askedBy(moving.flatMap(({ before = [], gate }) => [...before, ...gate]));
}

/** A member that is only started takes nothing from the others. */
const MOVES: ReadonlySet<Step['kind']> = new Set([
  'restart-unit',
  'stop-unit',
  'reboot-host',
  'add-member',
  'remove-member',
]);
