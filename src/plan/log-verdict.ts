import type { IncarnationFact } from '../facts/data/incarnation.ts';
import type { MemberFacts } from '../facts/member.ts';

/** A member's log held against its record. */
export type LogVerdict =
  /** There is no log. */
  | 'none'
  /** Nothing is recorded, or the log of another member: one that was restored, or has joined again. */
  | 'unrecorded'
  /** It is the log that was recorded, or has grown out of it. */
  | 'same'
  /** Another log lies there for the same member of the same cluster: it has forgotten what it acknowledged. */
  | 'replaced'
  /** It does not fit its own checksums any more: whose it is cannot be told, and etcd does not start on it. */
  | 'damaged';

/**
 * Holds a log against its record. etcd deletes its earliest segments in time, so a log may begin later than it was recorded
 * to, but never earlier, and what was written of a segment stays as it is.
 */
export function judgeLog({
  data,
  incarnation,
}: Pick<MemberFacts, 'data' | 'incarnation'>): LogVerdict {
  if (data?.hasLog !== true || data.wal === undefined) return 'none';
  if (incarnation === undefined || !isOf(data.wal, incarnation)) return 'unrecorded';
  const { record, earliest, sha256 } = incarnation;
  if (incarnation.isDamaged === true) return 'damaged';
  if (sha256 !== undefined) return sha256 === record.sha256 ? 'same' : 'replaced';
  return earliest !== undefined && earliest > record.segment ? 'same' : 'replaced';
}

function isOf(
  { memberId, clusterId }: { readonly memberId: string; readonly clusterId: string },
  { record }: IncarnationFact,
): boolean {
  return record.memberId === memberId && record.clusterId === clusterId;
}
