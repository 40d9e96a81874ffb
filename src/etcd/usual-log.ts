/** Where etcd has its log unless it is told. */
export function usualLog(data: string): string {
  return `${data}/member/wal`;
}
