import type { DesiredCluster } from '../desired/cluster.ts';
import type { DesiredConsumer } from '../desired/consumers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { ConsumerFacts } from '../facts/consumer.ts';
import { isSeen } from '../facts/unreachable.ts';

/** A consumer as it should be and as it is. */
export interface ObservedConsumer {
  readonly name: string;
  readonly desired: DesiredConsumer;
  /** What its host told; undefined where that could not be asked, or was not. */
  readonly found: ConsumerFacts | undefined;
}

/** A consumer whose host told something. */
export type SeenConsumer = ObservedConsumer & { readonly found: ConsumerFacts };

/** Joins every consumer with what was found, in the order of the inventory. */
export function observedConsumers(
  { consumers }: Pick<DesiredCluster, 'consumers'>,
  facts: Pick<ClusterFacts, 'consumers'>,
): readonly ObservedConsumer[] {
  return consumers.map((desired) => {
    const look = facts.consumers.get(desired.name);
    return { name: desired.name, desired, found: isSeen(look) ? look : undefined };
  });
}

/** The consumers whose hosts told something, in the order of the inventory. */
export function seenConsumers(
  desired: Pick<DesiredCluster, 'consumers'>,
  facts: Pick<ClusterFacts, 'consumers'>,
): readonly SeenConsumer[] {
  return observedConsumers(desired, facts).filter(
    (one): one is SeenConsumer => one.found !== undefined,
  );
}
