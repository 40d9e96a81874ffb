import { desiredCa, desiredCertificates } from '../../src/desired/certificates.ts';
import { inventorySchema } from '../../src/inventory/schema.ts';
import { createCa } from '../../src/pki/ca/create-ca.ts';
import { issue } from '../../src/pki/issue/issue.ts';
import { NOW } from './workshop.ts';

/** A cluster of two, whose store takes little time to fill. */
export const inventory = inventorySchema.parse({
  cluster: 'lab',
  etcd: { version: '3.5.30' },
  members: [
    { name: 'etcd01', address: '198.18.0.1' },
    { name: 'etcd02', address: '198.18.0.2' },
  ],
});

/** All that its store should hold. */
export const wanted = desiredCertificates(inventory);

/** Fills a store as `up` does, at NOW; gives it back. */
export async function fillStore(store: string): Promise<string> {
  await createCa(store, desiredCa(inventory), NOW);
  for (const one of wanted) await issue(store, one, NOW);
  return store;
}
