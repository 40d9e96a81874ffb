import type { Inventory } from '../inventory/schema.ts';
import type { KeyPlace } from '../pki/desired-certificate.ts';
import type { KeyKind } from '../pki/keys/keys.ts';

/** Holds, on each host, the keys it has made and whose certificates are not installed yet. */
export const KEYS_DIRECTORY = '/var/lib/provision/keys';

/** How a member or consumer comes to its keys. */
export interface DesiredKeys {
  readonly place: KeyPlace;
  readonly kind: KeyKind;
  /** Where its host keeps those it has made until they are installed. */
  readonly directory: string;
}

/** Where a host keeps keys of this cluster that wait for their installation. */
export function clusterKeysDirectory(cluster: string): string {
  return `${KEYS_DIRECTORY}/${cluster}`;
}

/** How the member or consumer of this name comes to its keys; a host may hold several, of several clusters. */
export function desiredKeys({ cluster, pki }: Inventory, holder: string): DesiredKeys {
  return {
    place: pki.keys,
    kind: pki.key,
    directory: `${clusterKeysDirectory(cluster)}/${holder}`,
  };
}
