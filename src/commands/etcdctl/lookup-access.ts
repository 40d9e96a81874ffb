import type { DesiredCluster } from '../../desired/cluster.ts';
import { askAll } from '../../facts/fact.ts';
import { unitFact } from '../../facts/host/unit.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { type ClientAccess, clientAccess } from '../../plan/switching/client-access.ts';

/** Asks the hosts that are connected how they serve clients, each by its running process; says what the inventory does not. */
export async function lookupAccess(
  { protocol, members, unit }: Pick<DesiredCluster, 'protocol' | 'members' | 'unit'>,
  hosts: ReadonlyMap<string, Host>,
): Promise<ClientAccess> {
  const answers = await Promise.all(
    [...hosts].map(async ([name, host]) => {
      try {
        return [[name, await askAll(host, { unit: unitFact(unit) })] as const];
      } catch (error) {
        // A host that cannot be asked is told of by what needs it.
        if (error instanceof Failure) return [];
        throw error;
      }
    }),
  );
  const access = clientAccess(protocol, members, new Map(answers.flat()));
  for (const note of access.notes) console.error(`note: ${note}`);
  return access;
}
