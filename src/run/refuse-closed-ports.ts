import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { type Dial, type Dialled, dialOwnClientPort, dialPeers } from '../facts/etcd/dial-peers.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { observed } from '../observed/observed.ts';
import { askedBy } from '../plan/gate.ts';
import type { Plan } from '../plan/plan.ts';
import { remedy } from '../problem/remedy.ts';

/**
 * Members that run, do not answer, and are waited for: where a network drops what they say to each other, or a host what
 * is said to its own client port, no waiting helps. Dials these ports and throws a Failure (refused) that names each closed
 * way; asks nothing where all answer.
 */
export async function refuseClosedPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const awaited = awaitedMembers(desired, facts, plan);
  if (awaited.length === 0) return;
  const [peers, clients] = await Promise.all([
    closedPeerPorts(desired, facts, awaited, hosts),
    closedClientPorts(desired, awaited, hosts),
  ]);
  const closed = [...peers, ...clients];
  if (closed.length === 0) return;
  const names = awaited.join(', ');
  const sentence = `${desired.name}: ${names} ${awaited.length === 1 ? 'does' : 'do'} not answer, nothing was touched:\n  ${closed.join('\n  ')}`;
  const open = [
    ...(peers.length > 0 ? ['open the peer port in every firewall between them, both ways'] : []),
    ...(clients.length > 0
      ? ['open the client port in the firewall of that host, for the host itself too']
      : []),
  ].join(' and ');
  throw new Failure('refused', sentence, {
    next: [remedy`${open}; then run the same command again`],
  });
}

async function closedPeerPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  awaited: readonly string[],
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly string[]> {
  const running = observed(desired, facts).members.filter(({ runs }) => runs);
  const dialled = running.map(
    ({ desired: { name, peerUrl } }): Dialled => ({ name, peerUrl, listen: '' }),
  );
  const reached = dialled.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const dials = await dialPeers(dialled, reached, () => true);
  return [...dials].flatMap(([from, ways]) =>
    ways
      .filter(({ to }) => awaited.includes(from) || awaited.includes(to))
      .filter(isDropped)
      .map(
        ({ to, address, complaint }) => `${from} does not reach ${to} at ${address} (${complaint})`,
      ),
  );
}

/** A member is asked from its own host, so what drops its client port there leaves it without an answer for good. */
async function closedClientPorts(
  desired: DesiredCluster,
  awaited: readonly string[],
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly string[]> {
  const dials = await Promise.all(
    desired.members
      .filter(({ name }) => awaited.includes(name))
      .map(async (member) => {
        const host = hosts.get(member.name);
        return host === undefined ? [] : await dialOwnClientPort(host, member);
      }),
  );
  return dials
    .flat()
    .filter(isDropped)
    .map(
      ({ to, address, complaint }) =>
        `${to} does not reach its own client port at ${address} (${complaint})`,
    );
}

/** Who refuses is there, and may be about to listen. */
function isDropped(way: Dial): boolean {
  return !way.reached && !/refused/i.test(way.complaint);
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
