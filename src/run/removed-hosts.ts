import type { ClusterFacts, RemovedHost } from '../facts/cluster.ts';
import { askAll } from '../facts/fact.ts';
import { tenantsFact } from '../facts/host/tenants.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { observed, someoneAnswers } from '../observed/observed.ts';
import { tenantsOf, valuesOf } from '../plan/ownership/tenants.ts';
import type { KnownMachine } from './known-machines.ts';
import type { Session } from './session.ts';

/**
 * The facts with what is left of members that are to be removed and are in no list any more: a run that was cut off behind
 * their removal has left their hosts as they were. Where one cannot be asked nothing is said of it.
 */
export async function withRemovedHosts(
  { desired, reach, removing }: Pick<Session, 'desired' | 'reach' | 'removing'>,
  facts: ClusterFacts,
): Promise<ClusterFacts> {
  if (removing.length === 0 || !someoneAnswers(facts)) return facts;
  const { list } = observed(desired, facts);
  const listed = new Set(list?.members.map(({ name }) => name));
  const machines = removing.filter(({ name }) => list !== undefined && !listed.has(name));
  if (machines.length === 0) return facts;
  const found = await Promise.all(
    machines.map(async (machine): Promise<readonly RemovedHost[]> => {
      const host = await reach(machine);
      if (host instanceof Failure) return [];
      try {
        return await askHost(host, machine, desired);
      } catch (error) {
        if (error instanceof Failure) return [];
        throw error;
      } finally {
        await host.close();
      }
    }),
  );
  return { ...facts, removedHosts: found.flat() };
}

/** What lies in the data of the unit that the cluster would have there, by its log. */
async function askHost(
  host: Host,
  { address }: KnownMachine,
  { name: cluster, paths, unit }: Session['desired'],
): Promise<readonly RemovedHost[]> {
  const { tenants } = await askAll(host, { tenants: tenantsFact(paths, unit) });
  return tenantsOf(tenants).flatMap((tenant) => {
    const { header } = tenant;
    if (tenant.unit !== `${unit}.service` || header?.cluster !== cluster) return [];
    if (!valuesOf(tenant, 'ETCD_DATA_DIR').every((one) => one === paths.data)) return [];
    const owner = tenants.logs.get(paths.wal) ?? tenants.logs.get(paths.data);
    return owner === undefined ? [] : [{ member: header.member, address, ...owner }];
  });
}
