import type { FileHeader } from './templates.ts';

/** What tells one log of a member from another that takes its place under the same ids. */
export interface Incarnation {
  readonly memberId: string;
  readonly clusterId: string;
  /** Name of its earliest segment when it was recorded. */
  readonly segment: string;
  /** Bytes at the beginning of that segment which never change again. */
  readonly length: number;
  /** Of these bytes. */
  readonly sha256: string;
}

/** The record as a file, outside the data directory. */
export function incarnationFile({ cluster, member }: FileHeader, found: Incarnation): string {
  return `# provision: cluster ${cluster}, member ${member}
# Which log this member has. If another one takes its place, the member has forgotten what it acknowledged.
memberId=${found.memberId}
clusterId=${found.clusterId}
segment=${found.segment}
length=${found.length}
sha256=${found.sha256}
`;
}

/** Where a unit keeps the record of its log. */
export function incarnationPath(unit: string): string {
  return `/var/lib/provision/${unit}.incarnation`;
}

/** What a file says; undefined where it is not such a record. */
export function readIncarnation(content: string): Incarnation | undefined {
  const said = (key: string) => new RegExp(`^${key}=(\\S+)$`, 'm').exec(content)?.[1];
  const [memberId, clusterId, segment] = [said('memberId'), said('clusterId'), said('segment')];
  const [length, sha256] = [said('length'), said('sha256')];
  if (!memberId || !clusterId || !segment || !length || !sha256) return undefined;
  return { memberId, clusterId, segment, length: Number(length), sha256 };
}
