/** etcd's own: storage/quota.go DefaultQuotaBytes, which 0 means too. */
const DEFAULT = 2 * 1024 ** 3;

/** The bytes a database may have with these variables of etcd; infinite with less than 0, which means without a quota. */
export function backendQuota(environment: ReadonlyMap<string, string>): number {
  const bytes = Number(environment.get('ETCD_QUOTA_BACKEND_BYTES') ?? 0);
  if (bytes < 0) return Number.POSITIVE_INFINITY;
  return bytes === 0 || Number.isNaN(bytes) ? DEFAULT : bytes;
}
