import type { Inventory } from '../inventory/schema.ts';

/** Whether members that somebody else set up go on by their own unit, configuration and program. */
export function keepsLayout({ adopted }: Pick<Inventory, 'adopted'>): boolean {
  return adopted?.layout === 'keep';
}

/** The drop-in that keeps a unit of somebody else from starting without its data. */
export function guardPath(unit: string): string {
  return `/etc/systemd/system/${unit}.service.d/90-provision-guard.conf`;
}
