import { describeBytes } from '../etcd/bytes.ts';
import type { Trial } from '../snapshot/drill.ts';
import type { Inspection } from '../snapshot/inspect.ts';
import type { Drill } from '../snapshot/record.ts';
import type { SavedSnapshot } from '../snapshot/save.ts';
import type { SnapshotVerdict } from '../snapshot/verify.ts';

/** A snapshot that was taken. */
export function savedText({ path, record }: SavedSnapshot, seconds: number): string {
  const { revision, keys, etcd, sha256 } = record;
  const counted = keys === undefined ? 'keys not counted (authentication is on)' : `${keys} keys`;
  return [
    `${path}: revision ${revision}, ${counted}, ${describeBytes(record.size)}, etcd ${etcd} (${seconds.toFixed(1)} s)`,
    `sha256 of the snapshot ${sha256}`,
  ].join('\n');
}

/** What was found of a snapshot here, and on a member where it was opened. */
export function verifiedText(
  { path, record, unchecked, ...verdict }: SnapshotVerdict,
  opened: Inspection | undefined,
): string {
  const recorded =
    record === undefined
      ? []
      : [
          `taken ${record.takenAt} from ${record.member} of ${record.cluster}${record.clusterId === undefined ? '' : ` (cluster id ${record.clusterId})`}, etcd ${record.etcd}, revision ${record.revision}`,
        ];
  const there =
    opened === undefined
      ? []
      : [
          `opened on ${opened.member} by ${opened.tool} ${opened.version}: revision ${opened.status.revision}, ${opened.status.totalKeys} entries`,
        ];
  const whole =
    verdict.size === undefined
      ? record === undefined
        ? 'is encrypted by age'
        : 'is the file that was recorded'
      : `is whole: ${describeBytes(verdict.size)}, its checksum fits`;
  return [
    `${path}: ${whole}`,
    ...recorded,
    ...there,
    ...(unchecked === undefined ? [] : [`not checked: ${unchecked}`]),
  ].join('\n');
}

/** A snapshot that was restored on trial. */
export function drilledText(
  path: string,
  { record }: SnapshotVerdict,
  { at, member, etcd }: Drill,
  { revision, keys }: Trial,
  seconds: number,
): string {
  const counted =
    keys === undefined
      ? 'its keys could not be counted (authentication is on)'
      : `${keys} keys${record?.keys === undefined ? '' : ', as recorded'}`;
  return [
    `${path}: restorable as of ${at}`,
    `restored on ${member} by etcd ${etcd}: revision ${revision}, ${counted} (${seconds.toFixed(1)} s); everything was removed there`,
    ...(record === undefined ? ['it has no record, so this proof is written down nowhere'] : []),
  ].join('\n');
}
