import { availabilityOf, otherNameOf } from '../etcd/flags.ts';
import type { Inventory } from '../inventory/schema.ts';

/**
 * The inventory with another version on the way to its own: settings have the names of that one, and those that it does not
 * know yet come later.
 */
export function atVersion(inventory: Inventory, version: string): Inventory {
  const named = (settings: Inventory['etcd']['settings']) =>
    Object.fromEntries(
      Object.entries(settings).flatMap(([flag, value]) => {
        const name = nameAt(flag, version);
        return name === undefined ? [] : [[name, value] as const];
      }),
    );
  return {
    ...inventory,
    etcd: { ...inventory.etcd, version, settings: named(inventory.etcd.settings) },
    members: inventory.members.map((one) => ({ ...one, settings: named(one.settings) })),
  };
}

function nameAt(flag: string, version: string): string | undefined {
  const isKnown = availabilityOf(flag, version).kind === 'available';
  return isKnown ? flag : otherNameOf(flag, version);
}
