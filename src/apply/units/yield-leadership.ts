import { ownEtcd } from '../../desired/access.ts';
import { readMemberList } from '../../etcd/answers.ts';
import { leads } from '../../etcd/leader.ts';
import { ownEtcdctl } from '../../etcd/own-endpoint.ts';
import { askGateway, isNamed } from '../../facts/etcd/ask-gateway.ts';
import { askStatus } from '../../facts/etcd/ask-status.ts';
import type { EtcdFact } from '../../facts/etcd/etcd.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { HostStep } from '../../plan/step.ts';

type Yield = Extract<HostStep, { readonly kind: 'yield-leadership' }>;

/** Moves leadership from this member to another voter that is none of `except`, by their ids, if this member leads. */
export async function yieldLeadership(host: Host, step: Yield, store: string): Promise<void> {
  const { cluster, except = [] } = step;
  const { status, members } = (await askByPort(host, step, store)) ?? (await askByTool(host, step));
  // A member that does not answer leads nobody.
  if (status === undefined || members === undefined || !leads(status)) return;

  const successor = members.members.find(
    ({ id, name, isLearner }) =>
      id !== status.memberId && name !== '' && !isLearner && !except.includes(id),
  );
  if (successor === undefined) return;
  const move = ownEtcdctl(ownEtcd(cluster), ['move-leader', successor.id]);
  await must(host, 'hand leadership over', move);
}

type Told = Pick<EtcdFact, 'status' | 'members'>;

/** By its gateway, which needs no program on the host; nothing where it is not this member that answers there. */
async function askByPort(host: Host, { cluster }: Yield, store: string): Promise<Told | undefined> {
  const member = cluster.members.find(({ name }) => name === host.name);
  if (member === undefined) return undefined;
  const told = await askGateway(host, cluster, member, store);
  return told !== undefined && isNamed(told, member.name) ? told : undefined;
}

async function askByTool(host: Host, { cluster }: Yield): Promise<Told> {
  const [{ status }, list] = await Promise.all([
    askStatus(host, cluster),
    host.run(ownEtcdctl(ownEtcd(cluster), ['member', 'list', '-w', 'json'])),
  ]);
  return { status, members: list.exitCode === 0 ? readMemberList(list.stdout) : undefined };
}
