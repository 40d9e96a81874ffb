import type { DesiredCluster } from '../desired/cluster.ts';
import type { Inventory } from '../inventory/schema.ts';

/** What an inventory comes to; what decides it is loaded only then. */
export async function describeCluster(inventory: Inventory): Promise<DesiredCluster> {
  const [{ desiredCluster }, { loadTemplates }] = await Promise.all([
    import('../desired/cluster.ts'),
    import('../desired/templates.ts'),
  ]);
  return desiredCluster(inventory, await loadTemplates());
}
