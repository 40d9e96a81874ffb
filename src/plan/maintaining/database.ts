import type { DesiredCluster } from '../../desired/cluster.ts';
import { backendQuota } from '../../etcd/backend-quota.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { type SeenMember, seenMembers } from '../../observed/observed.ts';

type Facts = Pick<ClusterFacts, 'members'>;

/** What a member says of its database, in bytes. */
export interface Database {
  readonly name: string;
  /** Of the file. */
  readonly size: number;
  /** Of that in use; 3.3 does not say. */
  readonly sizeInUse: number | undefined;
  /** What its process may let the file grow to; infinite where there is no quota. */
  readonly quota: number;
}

/** Of its quota a member may have in use, or in its file, to take writes without being full again at once (etcd-defrag's own). */
export const SHARE = 0.9;

/** The databases of the members that tell their status. */
export function databasesOf(
  desired: Pick<DesiredCluster, 'members'>,
  facts: Facts,
): readonly Database[] {
  return seenMembers(desired, facts).flatMap((member) => databaseOf(member) ?? []);
}

/** The database of one member; undefined where it does not tell its status. */
export function databaseOf({ name, found }: SeenMember): Database | undefined {
  const { status } = found.etcd;
  if (status === undefined) return undefined;
  const { dbSize: size, dbSizeInUse: sizeInUse } = status;
  return { name, size, sizeInUse, quota: quotaOf(found) };
}

/** The quota that a member's process has, whatever its configuration says by now. */
export function quotaOf({ unit }: Pick<MemberFacts, 'unit'>): number {
  return backendQuota(unit.process?.environment ?? new Map());
}

/** Whether a database is so large that the next writes may fill it. */
export function isTight({ size, quota }: Pick<Database, 'size' | 'quota'>): boolean {
  return size >= SHARE * quota;
}

/** `1.2 GB, 300.0 MB of it in use, quota 2.15 GB` */
export function describeDatabase({ size, sizeInUse, quota }: Omit<Database, 'name'>): string {
  const used = sizeInUse === undefined ? '' : `, ${describeBytes(sizeInUse)} of it in use`;
  const most = Number.isFinite(quota) ? `quota ${describeBytes(quota)}` : 'no quota';
  return `${describeBytes(size)}${used}, ${most}`;
}
