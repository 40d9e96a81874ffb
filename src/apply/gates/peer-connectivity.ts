import { askPort } from '../../facts/etcd/ask-port.ts';
import type { Host } from '../../host/host.ts';
import type { PlannedCluster, PlannedMember } from '../../plan/planned-cluster.ts';
import type { GateContext } from '../step-context.ts';
import { askStreams } from './streams.ts';

/** Where a member's client port has its metrics. */
export const METRICS = '/metrics';

const LINK = /^etcd_network_active_peers\{Local="[^"]*",Remote="([0-9a-f]+)"\} (\d+)$/gm;

/**
 * The peers a member reaches: their ids where etcd counts them as active, their names where its host keeps streams to
 * them; undefined where it could not be asked. Two members that do not reach each other both answer clients through a
 * third one, so their answers do not show that the third may be stopped. etcd's own count alone would not do: a stream
 * that the other side has made again is not counted again (rafthttp/peer_status.go), and 3.3 does not count.
 */
export async function askLinks(
  { name, listener }: PlannedMember,
  host: Host,
  { desired, store }: Pick<GateContext, 'desired' | 'store'>,
): Promise<ReadonlySet<string> | undefined> {
  const dial = () => host.dial(listener.address, listener.ports.client);
  const answer = await askPort(dial, METRICS, store);
  return answer && linksIn(answer.text, name, host, desired);
}

/** The same from what its metrics say. */
export async function linksIn(
  metrics: string,
  name: string,
  host: Host,
  desired: Pick<PlannedCluster, 'members'>,
): Promise<ReadonlySet<string>> {
  const counted = readLinks(metrics);
  const others = desired.members.filter((one) => one.name !== name);
  if (counted.size >= others.length) return counted;
  return new Set([...counted, ...(await askStreams(host, others))]);
}

/** The peers with a connection in etcd's metrics. */
export function readLinks(metrics: string): ReadonlySet<string> {
  const links = [...metrics.matchAll(LINK)];
  return new Set(
    // etcd leaves leading zeros out.
    links.flatMap(([, id = '', count]) => (count === '0' ? [] : [id.padStart(16, '0')])),
  );
}
