import { askRestore } from '../../facts/data/restore.ts';
import { gatherMember } from '../../facts/member.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
import { askEachMember } from '../../run/observe-hosts.ts';
import type { Operation } from '../../run/operation.ts';

/**
 * What can be seen of every host that can be asked and still keeps the lock for this run. One that cannot is left out: it is
 * why the restore failed, or it died meanwhile.
 */
export async function lookAtUnfinished({
  desired,
  hosts,
  store,
}: Pick<Operation, 'desired' | 'hosts' | 'store'>): Promise<
  ReadonlyMap<string, UnfinishedRestore>
> {
  return askEachMember({ desired, hosts, needs: 'any-host' }, async (host, member) => {
    const [facts, found] = await Promise.all([
      gatherMember(host, desired, member, store),
      askRestore(host, desired),
    ]);
    return { facts, found };
  });
}
