/** Whether etcd has refused a write since a database is full, or since the alarm of that stands still. */
export function isOutOfSpace(said: string): boolean {
  return said.includes('database space exceeded');
}
