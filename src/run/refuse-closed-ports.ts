import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { type Dialled, dialPeers } from '../facts/etcd/dial-peers.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { observed } from '../observed/observed.ts';
import { askedBy } from '../plan/gate.ts';
import type { Plan } from '../plan/plan.ts';
import { remedy } from '../problem/remedy.ts';

/**
 * Members that run, do not answer, and are waited for: where a network drops what they say to each other, no waiting
 * helps. Dials their peer ports and throws a Failure (refused) that names each closed way; asks nothing where all answer.
 */
export async function refuseClosedPorts(
  desired: DesiredCluster,
  facts: ClusterFacts,
  plan: Plan,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const awaited = awaitedMembers(desired, facts, plan);
  if (awaited.length === 0) return;
  const running = observed(desired, facts).members.filter(({ runs }) => runs);
  const dialled = running.map(
    ({ desired: { name, peerUrl } }): Dialled => ({ name, peerUrl, listen: '' }),
  );
  const reached = dialled.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const dials = await dialPeers(dialled, reached, () => true);
  const closed = [...dials].flatMap(([from, ways]) =>
    ways
      .filter(({ to }) => awaited.includes(from) || awaited.includes(to))
      // Who refuses is there, and may be about to listen.
      .filter((way) => !way.reached && !/refused/i.test(way.complaint))
      .map(
        ({ to, address, complaint }) => `${from} does not reach ${to} at ${address} (${complaint})`,
      ),
  );
  if (closed.length === 0) return;
  const names = awaited.join(', ');
  const sentence = `${desired.name}: ${names} ${awaited.length === 1 ? 'does' : 'do'} not answer, nothing was touched:\n  ${closed.join('\n  ')}`;
  throw new Failure('refused', sentence, {
    next: [
      remedy`open the peer port in every firewall between them, both ways; then run the same command again`,
    ],
  });
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
