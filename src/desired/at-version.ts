import { settingsAt } from '../etcd/settings-at.ts';
import type { Inventory } from '../inventory/schema.ts';

/**
 * The inventory with another version on the way to its own: settings have the names of that one, and those that it does not
 * know yet come later.
 */
export function atVersion(inventory: Inventory, version: string): Inventory {
  const named = (given: Inventory['etcd']['settings']) => settingsAt(given, version).settings;
  return {
    ...inventory,
    etcd: { ...inventory.etcd, version, settings: named(inventory.etcd.settings) },
    members: inventory.members.map((one) => ({ ...one, settings: named(one.settings) })),
  };
}
