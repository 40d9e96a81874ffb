import { askRestore } from '../../facts/data/restore.ts';
import { lookAt } from '../../facts/gather.ts';
import { gatherMember } from '../../facts/member.ts';
import { isSeen } from '../../facts/unreachable.ts';
import type { UnfinishedRestore } from '../../plan/restoring/half-restored.ts';
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
  const looks = await Promise.all(
    desired.members.map(async (member) => {
      const look = await lookAt(
        { hosts },
        member.name,
        async (host): Promise<UnfinishedRestore> => {
          const [facts, found] = await Promise.all([
            gatherMember(host, desired, member, store),
            askRestore(host, desired),
          ]);
          return { facts, found };
        },
      );
      return [member.name, look] as const;
    }),
  );
  return new Map(looks.flatMap(([name, look]) => (isSeen(look) ? [[name, look] as const] : [])));
}
