import type { Client, Consumer, Inventory } from '../inventory/schema.ts';
import type { DesiredCertificate } from '../pki/desired-certificate.ts';
import { subjectOf } from './subject.ts';

/** A consumer on one of its hosts, as steps and messages name it: `apiserver@10.0.0.81`. */
export function consumerName({ name }: Consumer, host: Consumer['hosts'][number]): string {
  return `${name}@${host.address}`;
}

/** What the files of a consumer are called, without extension. */
export function consumerCertificate({ name, certificate }: Consumer): string {
  return certificate ?? name;
}

/**
 * The certificates of clients: one for each host of each consumer, so that no key is on two machines, and one in the store
 * for each client that no consumer has.
 */
export function clientCertificates(inventory: Inventory): readonly DesiredCertificate[] {
  const { clients, consumers } = inventory;
  const placed = new Set(consumers.map(consumerCertificate));
  return [
    ...clients
      .filter(({ name }) => !placed.has(name))
      .map((client) => desired(inventory, client, client.name)),
    ...consumers.flatMap((consumer) => {
      const row = consumerCertificate(consumer);
      const client = clients.find(({ name }) => name === row) ?? { name: row };
      return consumer.hosts.map((host) => {
        const holder = consumerName(consumer, host);
        const certificate = desired(inventory, client, `${holder}/${row}`);
        return { ...certificate, consumer: holder, keyPlace: inventory.pki.keys };
      });
    }),
  ];
}

/**
 * Certificates of clients that consumers share. Nobody asks for one in the store; where it has one, from before there was
 * the consumer, somebody may have fetched it, so it is kept current.
 */
export function sharedClients(inventory: Inventory): readonly DesiredCertificate[] {
  if (inventory.protocol === 'http') return [];
  const placed = new Set(inventory.consumers.map(consumerCertificate));
  return inventory.clients
    .filter(({ name }) => placed.has(name))
    .map((client) => desired(inventory, client, client.name));
}

function desired(
  inventory: Inventory,
  { name, commonName = name, organization, expiry }: Client,
  id: string,
): DesiredCertificate {
  return {
    id,
    row: name,
    subject: subjectOf(inventory, commonName, organization),
    names: [],
    usages: ['clientAuth'],
    hours: expiry ?? inventory.pki.expiry.leaf,
    key: inventory.pki.key,
    keyPlace: 'store',
    authority: 'client',
  };
}
