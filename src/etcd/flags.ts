import { FLAG_ROWS, type FlagType } from './flags-table.ts';
import { minorOf, patchOf, VERSIONS } from './versions.ts';

/** Whether a release of etcd knows a flag; `since` and `removed` name the release that changed it. */
export type Availability =
  | { readonly kind: 'available'; readonly type: FlagType }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'since' | 'removed'; readonly version: string };

const MINOR_VERSIONS: readonly string[] = VERSIONS.map((row) => row.minor);

/** Whether the release `3.5.30` knows the flag, and if not, which releases did or will. */
export function availabilityOf(flag: string, version: string): Availability {
  const row = FLAG_ROWS.find(([name]) => name === flag);
  if (row === undefined) return { kind: 'unknown' };
  const [, type, since] = row;
  const { minor, patch } = split(version);

  const first = since[minor] ?? Number.POSITIVE_INFINITY;
  if (patch >= first) return { kind: 'available', type };

  const later = since.findIndex((one, index) => index >= minor && Number.isFinite(one));
  if (later !== -1) {
    const release = since[later] === 0 ? '' : `.${since[later]}`;
    return { kind: 'since', version: `${MINOR_VERSIONS[later]}${release}` };
  }
  const last = since.findLastIndex((one) => Number.isFinite(one));
  return { kind: 'removed', version: MINOR_VERSIONS[last + 1] ?? '' };
}

/** The names of all flags that the release knows, in alphabetical order. */
export function flagsOf(version: string): readonly string[] {
  return FLAG_ROWS.flatMap(([name]) =>
    availabilityOf(name, version).kind === 'available' ? [name] : [],
  );
}

/** The flag under the name it has in the release, where it lost or has not yet lost its `experimental-`. */
export function otherNameOf(flag: string, version: string): string | undefined {
  const prefix = 'experimental-';
  const other = flag.startsWith(prefix) ? flag.slice(prefix.length) : `${prefix}${flag}`;
  return availabilityOf(other, version).kind === 'available' ? other : undefined;
}

function split(version: string): { readonly minor: number; readonly patch: number } {
  return { minor: MINOR_VERSIONS.indexOf(minorOf(version)), patch: patchOf(version) };
}
