import { gatherMember } from '../facts/member.ts';
import { throwTogether } from '../failure/together.ts';
import { ownershipRefusals } from '../plan/owners.ts';
import type { Session } from './session.ts';
import { type Asked, throwRefusals } from './throw-refusals.ts';

/** Throws a Failure (refused) when what the cluster would use on the hosts that answer is somebody else's. */
export async function refuseForeign(
  { desired, hosts, store }: Pick<Session, 'desired' | 'hosts' | 'store'>,
  asked: Asked,
): Promise<void> {
  const found = await Promise.allSettled(
    desired.members.flatMap((member) => {
      const host = hosts.get(member.name);
      if (host === undefined) return [];
      return [
        gatherMember(host, desired, member, store).then((facts) => [member.name, facts] as const),
      ];
    }),
  );
  throwTogether(found.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
  const members = new Map(found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const refusals = ownershipRefusals(desired, { members, binaries: [] });
  throwRefusals({ cluster: desired.name, waves: [], refusals }, asked);
}
