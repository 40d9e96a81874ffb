import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';
import { ownEtcd } from '../../../src/desired/access.ts';
import { desiredCluster } from '../../../src/desired/cluster.ts';
import { loadTemplates } from '../../../src/desired/templates.ts';
import { askGateway, servesDialledAddress } from '../../../src/facts/etcd/ask-gateway.ts';
import { askEtcd, type EtcdFact } from '../../../src/facts/etcd/etcd.ts';
import { gatherMember } from '../../../src/facts/member.ts';
import { Failure } from '../../../src/failure/failure.ts';
import { readInventory } from '../../../src/inventory/read.ts';
import { connectAll } from '../../../src/ssh/connect.ts';
import { targetOf } from '../../../src/ssh/target.ts';
import type { Cluster } from '../lab/cluster.ts';

/** Every member says the same of itself through the gateway as through the etcdctl of its host. */
export async function sameThroughGateway(t: ExecutionContext, cluster: Cluster): Promise<void> {
  const { inventory, directory } = await readInventory(cluster.inventory);
  const desired = desiredCluster(inventory, await loadTemplates());
  const targets = inventory.members.map((member) => targetOf(directory, inventory.ssh, member));
  for (const host of await connectAll(targets, { concurrency: targets.length })) {
    if (host instanceof Failure) throw host;
    const member = desired.members.find(({ name }) => name === host.name);
    if (member === undefined) throw new Error(`${host.name} is no member`);
    try {
      const look = async () => ({
        told: settled(await untilTold(() => askGateway(host, desired, member, cluster.store))),
        asked: settled(await untilTold(() => askEtcd(host, ownEtcd(desired)))),
      });
      const { told, asked } = await untilStill(look);
      t.deepEqual(told, asked);
      const { unit } = await gatherMember(host, desired, member, cluster.store);
      t.true(servesDialledAddress(unit, desired, member));
    } finally {
      await host.close();
    }
  }
}

/** Both give up on a member that is slow to answer, as members on a busy machine are: then another answer is awaited. */
async function untilTold(ask: () => Promise<EtcdFact | undefined>): Promise<EtcdFact | undefined> {
  for (let looks = 1; ; looks++) {
    const told = await ask();
    if (told?.status !== undefined || looks === 10) return told;
    await sleep(1000);
  }
}

/** A write that was not committed yet changes the sizes between two answers: then both are asked again. */
async function untilStill<Look extends { readonly told: object; readonly asked: object }>(
  look: () => Promise<Look>,
): Promise<Look> {
  for (let looks = 1; ; looks++) {
    const seen = await look();
    if (isDeepStrictEqual(seen.told, seen.asked) || looks === 10) return seen;
    await sleep(1000);
  }
}

/** The log goes on by itself: the leader writes the cluster's version after a start. */
function settled(told: EtcdFact | undefined) {
  if (told?.status === undefined) throw new Error('it told no status');
  const { raftIndex, raftAppliedIndex, ...status } = told.status;
  return { ...told, status: { ...status, tellsApplied: raftAppliedIndex !== undefined } };
}
