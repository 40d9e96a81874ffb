import type { RestoreFact } from '../../facts/data/restore.ts';
import type { RestoreIntent } from '../../facts/data/restore-intent.ts';
import type { MemberFacts } from '../../facts/member.ts';

/** A host as it is, and how far a restore has come there. */
export interface UnfinishedRestore {
  readonly facts: MemberFacts;
  readonly found: RestoreFact;
}

/** Whether data of the cluster that is being made is where etcd reads it. */
export function isRestored(
  { facts }: UnfinishedRestore,
  { clusterId }: Pick<RestoreIntent, 'clusterId'>,
): boolean {
  return facts.data?.wal?.clusterId === clusterId;
}
