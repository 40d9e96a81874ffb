import type { Binary } from '../binaries/binary.ts';
import { architectureOf } from '../binaries/host-architecture.ts';
import { resolveBinaries } from '../binaries/resolve.ts';
import { atVersion } from '../desired/at-version.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import type { Inventory } from '../inventory/schema.ts';

/** An inventory as it was read: where its file is, and where in it something stands. */
interface Written {
  readonly inventory: Inventory;
  readonly directory: string;
  readonly placeOf: (at: readonly string[]) => string;
}

/**
 * Gives the programs of the inventory's version, or of another one where the source has it, for the hosts. Throws a Failure
 * that names the line of the inventory where programs that are brought from here are not to be had.
 */
export function programsFor(
  { inventory, directory, placeOf }: Written,
  hosts: ReadonlyMap<string, Host>,
): (version?: string) => Promise<readonly Binary[]> {
  return (version = inventory.etcd.version) =>
    binariesFor(atVersion(inventory, version), directory, hosts).catch((error: unknown) => {
      throw placed(error, inventory, placeOf);
    });
}

/** What is wrong with programs that are brought from here is a mistake of the inventory, at the line that names them. */
function placed(
  error: unknown,
  { etcd: { source } }: Inventory,
  placeOf: (at: readonly string[]) => string,
): unknown {
  if (!(error instanceof Failure) || error.reason !== 'usage') return error;
  const [kind = ''] = Object.keys(source);
  const { reason, message, cause, log, next } = error;
  const place = placeOf(['etcd', 'source', kind]);
  return new Failure(reason, `${place}: ${message}`, { cause, log, next });
}

// Only a release offers programs for several architectures; the plan refuses hosts that differ from the first.
async function binariesFor(
  { etcd }: Inventory,
  directory: string,
  hosts: ReadonlyMap<string, Host>,
): Promise<readonly Binary[]> {
  const [first] = hosts.values();
  if (first === undefined || !('release' in etcd.source)) return resolveBinaries(etcd, directory);
  return resolveBinaries(etcd, directory, { architecture: await architectureOf(first) });
}
