import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { Host } from '../../host/host.ts';
import { askGateway } from './ask-gateway.ts';
import { askPort } from './ask-port.ts';
import type { EtcdFact } from './etcd.ts';
import { readHealth } from './health.ts';

/** As long as etcdctl has for an answer. */
const SECONDS = 5;

/**
 * What a member tells that etcdctl on its host could not ask: all of it through its gateway, else whether a linearizable
 * read succeeds, by its /health (etcdserver/api/etcdhttp). The same as was told before where neither answers.
 */
export async function askWithoutTool(
  host: Host,
  cluster: Pick<DesiredCluster, 'protocol' | 'version'>,
  member: Pick<DesiredMember, 'clientUrl' | 'listener'>,
  store: string,
  told: EtcdFact,
): Promise<EtcdFact> {
  const { address, ports } = member.listener;
  const dial = () => host.dial(address, ports.client);
  const [full, health] = await Promise.all([
    askGateway(host, cluster, member, store, SECONDS),
    askPort(dial, '/health', store, SECONDS),
  ]);
  const { unasked } = told;
  if (full !== undefined) return { ...full, ...(unasked !== undefined && { unasked }) };
  if (health === undefined || !readHealth(health.text).healthy) return told;
  return { ...told, healthy: true, complaint: undefined };
}
