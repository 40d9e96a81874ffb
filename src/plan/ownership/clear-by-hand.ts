import { timersOf } from '../../desired/unit-timers.ts';
import type { TenantsFact } from '../../facts/host/tenants.ts';
import { type Next, remedy } from '../../problem/remedy.ts';
import { sh } from '../../shell/command.ts';
import { nameIn, parentOf } from '../path.ts';
import { type Tenant, valuesOf } from './tenants.ts';

const UNITS = '/etc/systemd/system';

/**
 * How what a removed member left on its host is cleared, for another cluster that wants the host: nothing where that is not
 * all that is there. Who types it knows that the member was removed.
 */
export function clearing(host: string, tenant: Tenant, facts: TenantsFact): Next {
  const line = clearByHand(tenant, facts);
  if (line === undefined) return [];
  const { cluster = '', member = '' } = tenant.header ?? {};
  return [
    remedy`if ${member} has left ${cluster} for good, clear what it left, on ${host} as root: ${line}`,
  ];
}

/**
 * Undefined where it runs or has data. The line does nothing where it would start, or has data, by then; data that lies
 * aside stays.
 */
function clearByHand(tenant: Tenant, { unitFiles, logs }: TenantsFact): string | undefined {
  const { header, unit, pid, confFiles } = tenant;
  const data = valuesOf(tenant, 'ETCD_DATA_DIR');
  const isOurs = unitFiles.some(({ path }) => path === `${UNITS}/${unit}`);
  const holds = [...data, ...valuesOf(tenant, 'ETCD_WAL_DIR')].some((one) => logs.has(one));
  if (header === undefined || unit === undefined || !isOurs || pid > 0 || holds) return undefined;
  const name = nameIn(unit).replace(/\.service$/, '');
  const head = `# provision: cluster ${header.cluster}, member ${header.member}`;
  const timers = Object.values(timersOf(name));
  const empty = data.reduce((all, one) => sh`${all}[ ! -e ${`${one}/member`} ] && `, sh``);
  return sh`cd ${UNITS} && ${empty}! systemctl -q is-active ${name} && ! systemctl -q is-enabled ${name} && { grep -lsxF ${head} ${timers} | xargs -r systemctl disable --now; grep -rlxF ${head} . ${confFiles.map(parentOf)} | xargs -r rm; systemctl daemon-reload; }`
    .text;
}
