import { closedWays } from '../../facts/etcd/closed-ways.ts';
import { dialPeers } from '../../facts/etcd/dial-peers.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import type { MembershipStepOf } from '../../plan/membership-step.ts';
import { remedy } from '../../problem/remedy.ts';

/**
 * Sees that a newcomer, which does not listen yet or whose predecessor does, and the members reach each other at their peer
 * ports. Throws a Failure that names each way that is closed: added or moved without it, it would only count as a member
 * that is down.
 */
export async function refuseUnreached(
  { newcomer, members, isTaken = false, moves }: Omit<MembershipStepOf<'dial-peers'>, 'kind'>,
  hosts: ReadonlyMap<string, Host>,
): Promise<void> {
  const all = [newcomer, ...members];
  const reached = all.flatMap((member) => {
    const host = hosts.get(member.name);
    return host === undefined ? [] : [{ member, host }];
  });
  const dials = await dialPeers(all, reached, (name) => isTaken || name !== newcomer.name);
  const closed = closedWays(newcomer.name, dials).map(({ sentence }) => sentence);
  if (closed.length === 0) return;
  throw new Failure(
    'refused',
    `${newcomer.name}: was not ${moves ? 'moved' : 'added'}: ${closed.join('; ')}`,
    {
      next: [
        remedy`open the peer port in every firewall between them, both ways; then run the same command again`,
      ],
    },
  );
}
