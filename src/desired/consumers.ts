import type { Inventory } from '../inventory/schema.ts';
import { consumerCertificate, consumerName } from './client-certificates.ts';
import { type DesiredKeys, desiredKeys } from './host-keys.ts';

/** In the directory of the files: written when the unit had been told of them. */
export const RELOADED = 'reloaded';

/** In the directory of the files: names the cluster they are from. */
export const OWNER = 'owner';

/** What the file of the owner says. */
export function ownerLine(cluster: string): string {
  return `# provision: cluster ${cluster}\n`;
}

/** A client of etcd on one host, and where it wants its certificate. */
export interface DesiredConsumer {
  readonly cluster: string;
  /** `apiserver@10.0.0.81` */
  readonly name: string;
  /** What its files are called, without extension. */
  readonly certificate: string;
  /** The link to them. */
  readonly directory: string;
  /** `user:group` of the key. */
  readonly keyOwner: string;
  readonly keyMode: number;
  readonly keys: DesiredKeys;
  /** What is reloaded after a change. */
  readonly unit: string | undefined;
}

/** Every consumer on every host, in the order of the inventory; none where the cluster speaks http. */
export function desiredConsumers(inventory: Inventory): readonly DesiredConsumer[] {
  if (inventory.protocol === 'http') return [];
  return inventory.consumers.flatMap((consumer) =>
    consumer.hosts.map((host) => ({
      cluster: inventory.cluster,
      name: consumerName(consumer, host),
      certificate: consumerCertificate(consumer),
      directory: consumer.directory,
      keyOwner: `${consumer.owner}:${consumer.group}`,
      keyMode: Number.parseInt(consumer.keyMode, 8),
      keys: desiredKeys(inventory, consumerName(consumer, host)),
      unit: consumer.reload?.unit,
    })),
  );
}
