import type { Consumer, Inventory } from '../inventory/schema.ts';
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
  /** How what uses the files is told of a change. */
  readonly reload: Reload | undefined;
  /** What must be answered after it before another consumer is touched. */
  readonly ready: Question | undefined;
}

/** A unit, or a line of a shell. */
export type Reload = { readonly unit: string } | { readonly command: string };

/** A URL that must answer with 200, asked from the host itself, or a line of a shell that must end with code 0. */
export type Question = { readonly url: string } | { readonly command: string };

/** The unit that uses the files, where one is known. */
export function unitUsing({ reload }: Pick<DesiredConsumer, 'reload'>): string | undefined {
  return reload !== undefined && 'unit' in reload ? reload.unit : undefined;
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
      reload: reloadOf(consumer),
      ready: questionOf(consumer),
    })),
  );
}

// Of each the inventory says one.
function reloadOf({ reload }: Consumer): Reload | undefined {
  if (reload?.unit !== undefined) return { unit: reload.unit };
  return reload?.command === undefined ? undefined : { command: reload.command };
}

function questionOf({ ready }: Consumer): Question | undefined {
  if (ready?.url !== undefined) return { url: ready.url };
  return ready?.command === undefined ? undefined : { command: ready.command };
}
