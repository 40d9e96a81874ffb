import { describeBytes } from '../etcd/bytes.ts';
import { type Database, describeDatabase } from '../plan/maintaining/database.ts';
import type { Problem } from '../problem/problem.ts';
import { problemLines } from '../problem/render.ts';

/** What became of the members' databases. */
export interface Housekept {
  readonly cluster: string;
  readonly changed: boolean;
  readonly before: readonly Database[];
  readonly after: readonly Database[];
  /** Whether a write has proved it. */
  readonly provesWrite: boolean;
}

/** Each database as it was and as it is; nothing where nothing was done. */
export function housekeepingText({
  cluster,
  changed,
  before,
  after,
  provesWrite,
}: Housekept): string | undefined {
  // The plan has said why nothing is to be done.
  if (!changed) return undefined;
  const rows = after.map((now) => {
    const size = before.find(({ name }) => name === now.name)?.size;
    const was = size === undefined || size === now.size ? '' : `${describeBytes(size)}, now `;
    return `${now.name}: ${was}${describeDatabase(now)}`;
  });
  return [...rows, `${cluster}: done${provesWrite ? ', and a write was taken' : ''}`].join('\n');
}

/** The alarms that stand, each with what to do; or that none does, and how large the databases are. */
export function alarmsText(
  cluster: string,
  alarms: readonly Problem[],
  databases: readonly Database[],
  inventory: string,
): string {
  if (alarms.length > 0)
    return alarms.flatMap((one) => problemLines(one, { inventory })).join('\n');
  const sizes = databases.map((one) => `${one.name}: ${describeDatabase(one)}`);
  return [...sizes, `${cluster}: no alarm stands`].join('\n');
}
