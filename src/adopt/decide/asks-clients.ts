import { isTrue } from '../../etcd/given-settings.ts';
import { caAsks } from '../../etcd/versions.ts';
import type { FoundEtcd } from '../look/find-etcds.ts';

/** Whether an etcd asks clients for certificates: it is told to, or it is of a version that does so once it is told of a CA. */
export function asksClients(
  etcd: Pick<FoundEtcd, 'running' | 'filed' | 'program'> | undefined,
): boolean {
  const settings = etcd?.running?.settings ?? etcd?.filed?.settings;
  const value = (flag: string) => settings?.get(flag)?.value || undefined;
  if (isTrue(value('client-cert-auth'))) return true;
  return value('trusted-ca-file') !== undefined && caAsks(etcd?.program.version ?? '');
}
