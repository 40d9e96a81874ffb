import type { Inventory } from '../inventory/schema.ts';
import { SERVICE_DEFAULTS, SERVICE_SETTINGS } from '../systemd/service-settings.ts';

/** What the unit of every member says about resources: of the inventory, else of our own, in the order of the table. */
export type UnitService = ReadonlyMap<string, string>;

/** The settings of the unit that an inventory chooses, with our own where it chooses none. */
export function desiredService({ service }: Pick<Inventory['etcd'], 'service'>): UnitService {
  const wanted = new Map(Object.entries(service).map(([name, value]) => [name, spelt(value)]));
  return new Map(
    [...SERVICE_SETTINGS.keys()].flatMap((name) => {
      const value = wanted.get(name) ?? SERVICE_DEFAULTS.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

// A list of CPUs may have blanks in an inventory; with commas it is one word everywhere.
function spelt(value: string | number): string {
  return String(value).trim().replaceAll(/[ ,]+/g, ',');
}

/**
 * What a process is told that it was started with, as one word: what is our own anyway is left out, and so is what does not
 * wait for a start.
 */
export function startedWith(service: UnitService): string {
  return [...service]
    .filter(([name, value]) => isOfStart(name) && SERVICE_DEFAULTS.get(name) !== value)
    .map(([name, value]) => `${name}:${value.replace(/%$/, '')}`)
    .join(';');
}

function isOfStart(name: string): boolean {
  return SERVICE_SETTINGS.get(name)?.of !== 'stop';
}

/** The same without what the process itself does not have: the limits of its group may be changed below it. */
export function ofProcess(service: UnitService): UnitService {
  return new Map(
    [...service].flatMap(([name, value]) => {
      const kind = SERVICE_SETTINGS.get(name)?.of;
      if (kind === 'process') return [[name, value] as const];
      const ours = SERVICE_DEFAULTS.get(name);
      return ours === undefined ? [] : [[name, ours] as const];
    }),
  );
}

/** Settings that differ between two words of `startedWith`, each as `Nice 5 instead of -5`. */
export function differingStart(
  was: string,
  is: string,
  counts: (name: string) => boolean,
): readonly string[] {
  const [before, after] = [readStart(was), readStart(is)];
  const names = [...SERVICE_SETTINGS.keys()].filter(
    (name) => counts(name) && before.get(name) !== after.get(name),
  );
  return names.map((name) => {
    const [had, has] = [before, after].map((one) => one.get(name) ?? SERVICE_DEFAULTS.get(name));
    return `${name} ${had ?? 'unset'} instead of ${has ?? 'unset'}`;
  });
}

function readStart(word: string): ReadonlyMap<string, string> {
  return new Map(
    word.split(';').flatMap((part) => {
      const at = part.indexOf(':');
      return at < 0 ? [] : [[part.slice(0, at), part.slice(at + 1)] as const];
    }),
  );
}
