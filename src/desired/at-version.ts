import { availabilityOf, otherNameOf } from '../etcd/flags.ts';
import type { Inventory } from '../inventory/schema.ts';

/**
 * The inventory with another version on the way to its own: settings have the names of that one, and those that it does not
 * know yet come later.
 */
export function atVersion(inventory: Inventory, version: string): Inventory {
  const settings = Object.entries(inventory.etcd.settings).flatMap(([flag, value]) => {
    const name = nameAt(flag, version);
    return name === undefined ? [] : [[name, value] as const];
  });
  return {
    ...inventory,
    etcd: { ...inventory.etcd, version, settings: Object.fromEntries(settings) },
  };
}

function nameAt(flag: string, version: string): string | undefined {
  const isKnown = availabilityOf(flag, version).kind === 'available';
  return isKnown ? flag : otherNameOf(flag, version);
}
