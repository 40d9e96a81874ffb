import { type DesiredCluster, desiredCluster } from '../../desired/cluster.ts';
import { loopbackOnlyCluster } from '../../desired/loopback-only.ts';
import { loadTemplates } from '../../desired/templates.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { servesDialledAddress } from '../../facts/etcd/ask-gateway.ts';
import { Failure } from '../../failure/failure.ts';
import type { Inventory } from '../../inventory/schema.ts';
import { keptToken } from '../../plan/boot.ts';
import { listsOf } from '../../plan/certificates/trust.ts';
import { planFor } from '../../plan/intent.ts';
import { votingOf } from '../../plan/membership/voting.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import type { PutBackOptions } from '../../plan/restoring/put-back.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import type { Operation } from '../../run/operation.ts';
import { recover } from '../../run/recover.ts';
import { showFor, walkPlan } from '../../run/walk-plan.ts';
import { proveWrites } from '../../verify/health-key.ts';
import { lookAtUnfinished } from './half-restored.ts';

/** The cluster as it was before a switch by a snapshot. */
export interface FormerCluster {
  /** As it serves its clients. */
  readonly served: DesiredCluster;
  /** Cut off from them. */
  readonly fenced: DesiredCluster;
}

/** The cluster with this protocol, open to its clients and cut off from them. */
export async function formerCluster(
  { inventory }: Pick<Operation, 'inventory'>,
  protocol: Inventory['protocol'],
): Promise<FormerCluster> {
  const templates = await loadTemplates();
  const former = { ...inventory, protocol };
  const served = desiredCluster(former, templates);
  return { served, fenced: loopbackOnlyCluster(former, served, templates) };
}

/** The etcd.conf with which each member served its clients before. */
export function openConfs({ served }: FormerCluster, facts: ClusterFacts): PutBackOptions {
  const token = keptToken(served, facts);
  if (token === undefined) return {};
  const start = { token, state: 'existing', ...listsOf(facts) } as const;
  return {
    confs: Object.fromEntries(served.members.map(({ name, confFile }) => [name, confFile(start)])),
  };
}

/**
 * Opens members of the former cluster to their clients, one after another, and starts those that stand still; hosts that
 * cannot be asked are left out as long as most members remain. Only members that hold data of this cluster id are
 * touched. Throws a Failure.
 */
export async function openFormer(
  operation: Operation,
  { served }: FormerCluster,
  facts: ClusterFacts,
  clusterId: string,
  limits: { readonly inventory: string; readonly timeout: number; readonly json: boolean },
): Promise<void> {
  const { hosts, store } = operation;
  const { timeout } = limits;
  const token = keptToken(served, facts) ?? '';
  await recover(limits, {
    look: () => lookAtFormer(operation, served, facts, clusterId),
    plan: ({ desired, seen }) => planFor(desired, seen, { kind: 'open-former', token }),
    act: (plan, { desired }) =>
      walkPlan({ desired, hosts, store }, plan, { timeout, show: showFor(limits) }),
  });
}

/** The members that can be asked and hold the data of this cluster. Throws a Failure where they are not most. */
async function lookAtFormer(
  { hosts, store }: Pick<Operation, 'hosts' | 'store'>,
  served: DesiredCluster,
  facts: ClusterFacts,
  clusterId: string,
): Promise<{ readonly desired: DesiredCluster; readonly seen: ClusterFacts }> {
  const half = await lookAtUnfinished({ desired: served, hosts, store });
  const own = new Map([...half].filter(([, one]) => one.facts.data?.wal?.clusterId === clusterId));
  const { needed, votes } = votingOf(served, facts);
  if ([...own.keys()].filter(votes).length < needed) {
    throw new Failure(
      'failed',
      `${served.name}: only ${own.size} of ${served.members.length} members can be asked and hold the former data`,
      { next: [remedy`see why: ${provision('doctor', INVENTORY)}`] },
    );
  }
  const members = new Map([...own].map(([name, one]) => [name, one.facts]));
  return {
    desired: { ...served, members: served.members.filter(({ name }) => own.has(name)) },
    seen: { ...facts, binaries: [], members },
  };
}

/**
 * Whether clients are served: a write through one member at its client URL, read back through all members that listen
 * there, which must be most. Writes nothing where that is not so.
 */
export async function clientsAreServed(
  { hosts, store }: Pick<Operation, 'hosts' | 'store'>,
  desired: DesiredCluster,
): Promise<boolean> {
  const half = await lookAtUnfinished({ desired, hosts, store });
  const members = new Map([...half].map(([name, { facts }]) => [name, facts]));
  const { needed, votes } = votingOf(desired, { members });
  const open = desired.members.filter((member) => {
    const unit = half.get(member.name)?.facts.unit;
    return unit !== undefined && servesDialledAddress(unit, desired, member);
  });
  if (open.filter(({ name }) => votes(name)).length < needed) return false;
  const reached = new Map([...hosts].filter(([name]) => open.some((one) => one.name === name)));
  try {
    await proveWrites({ ...desired, members: open }, reached, store);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** The protocol of members that are cut off from their clients, where any is: they listen on loopback only. */
export function fencedProtocol(
  half: ReadonlyMap<string, UnfinishedRestore>,
): Inventory['protocol'] | undefined {
  for (const { facts } of half.values()) {
    const urls = facts.unit.process?.environment.get('ETCD_LISTEN_CLIENT_URLS')?.split(',') ?? [];
    const parsed = urls.flatMap((url) => (URL.canParse(url) ? [new URL(url)] : []));
    const [first] = parsed;
    if (first !== undefined && parsed.every(({ hostname }) => hostname === '127.0.0.1')) {
      return first.protocol === 'https:' ? 'https' : 'http';
    }
  }
  return undefined;
}
