import type { MemberFacts } from '../../facts/member.ts';
import { readConf } from '../environment-file.ts';
import { describeTenant } from './owners.ts';
import { type Tenant, tenantsOf, valuesOf } from './tenants.ts';

/** Whose the data in a directory of a host is. */
export interface DataOwner {
  /** Undefined for an etcd that provision did not make. */
  readonly cluster: string | undefined;
  /** For a sentence. */
  readonly who: string;
}

/**
 * Who has the data in the cluster's data directory, by what is known of the data: the process or unit that uses the
 * directory, the cluster whose log has the same cluster id, the configuration that names it. Undefined where none does.
 */
export function dataOwner(path: string, found: MemberFacts): DataOwner | undefined {
  const tenants = tenantsOf(found.tenants);
  const id = found.data?.wal?.clusterId;
  const real = (one: string) => found.tenants.real.get(one) ?? one;
  const uses = (one: Tenant) =>
    valuesOf(one, 'ETCD_DATA_DIR').some((directory) => real(directory) === real(path));
  const owner =
    tenants.find((one) => one.pid > 0 && uses(one)) ??
    tenants.find((one) => uses(one)) ??
    tenants.find((one) => id !== undefined && one.pid > 0 && one.clusterId === id);
  if (owner !== undefined) return { cluster: owner.header?.cluster, who: describeTenant(owner) };
  const conf = readConf(found.conf?.content);
  return conf?.values.get('ETCD_DATA_DIR') === path
    ? { cluster: conf.cluster, who: `cluster ${conf.cluster}` }
    : undefined;
}
