import { type Mistake, mistakeAt } from '../mistake.ts';
import type { Inventory } from '../schema.ts';

/** The mistake in one flag of `etcd.settings`; the complaint goes on after its name. */
export function at(flag: string, complaint: string): readonly Mistake[] {
  const path = ['etcd', 'settings', flag];
  return [mistakeAt(path, complaint)];
}

/** What a flag is set to, as text; undefined where it is not set. */
export function text({ settings }: Inventory['etcd'], flag: string): string | undefined {
  const value = settings[flag];
  return value === undefined ? undefined : String(value);
}
