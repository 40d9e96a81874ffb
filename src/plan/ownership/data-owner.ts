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
 * Who has the data in the cluster's data directory, by what is known of the data: the process that uses the
 * directory, the running cluster whose log has the same cluster id, the unit or configuration that names the directory. Undefined where none does.
 */
export function dataOwner(path: string, found: MemberFacts): DataOwner | undefined {
  const tenants = tenantsOf(found.tenants);
  const id = found.data?.wal?.clusterId;
  const { logs, real } = found.tenants;
  const isHere = (one: string | undefined) =>
    one !== undefined && (real.get(one) ?? one) === (real.get(path) ?? path);
  const running = tenants.filter(({ pid }) => pid > 0);
  const owner =
    running.find((one) => isHere(runsWith(one))) ??
    running.find((one) => id !== undefined && logs.get(runsWith(one) ?? '')?.clusterId === id) ??
    tenants.find((one) => valuesOf(one, 'ETCD_DATA_DIR').some(isHere));
  if (owner !== undefined) return { cluster: owner.header?.cluster, who: describeTenant(owner) };
  const conf = readConf(found.conf?.content);
  return conf?.values.get('ETCD_DATA_DIR') === path
    ? { cluster: conf.cluster, who: `cluster ${conf.cluster}` }
    : undefined;
}

/** The directory that its process was started with: its configuration may have changed since. */
function runsWith({ settings }: Tenant): string | undefined {
  return settings.at(-1)?.get('ETCD_DATA_DIR');
}
