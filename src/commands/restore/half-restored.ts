import { gatherMember } from '../../facts/member.ts';
import { askRestore } from '../../facts/restore.ts';
import { Failure } from '../../failure/failure.ts';
import type { HalfRestored } from '../../plan/unfinished.ts';
import type { Operation } from '../../run/operation.ts';

/** What can be seen of every host that can be asked and still keeps the lock for this run. */
export async function lookAtHalfRestored({
  desired,
  hosts,
  store,
}: Pick<Operation, 'desired' | 'hosts' | 'store'>): Promise<ReadonlyMap<string, HalfRestored>> {
  const looks = desired.members.map(
    async (member): Promise<readonly (readonly [string, HalfRestored])[]> => {
      const host = hosts.get(member.name);
      if (host === undefined) return [];
      try {
        const [facts, found] = await Promise.all([
          gatherMember(host, desired, member, store),
          askRestore(host, desired),
        ]);
        return [[member.name, { facts, found }]];
      } catch (error) {
        // A host that cannot be asked is left out: it is why the restore failed, or it died meanwhile.
        if (error instanceof Failure) return [];
        throw error;
      }
    },
  );
  return new Map((await Promise.all(looks)).flat());
}
