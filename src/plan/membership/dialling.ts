import type { DesiredMember } from '../../desired/cluster.ts';
import { peerListener } from '../../desired/setting.ts';
import type { Dialled } from '../../facts/etcd/dial-peers.ts';
import type { MemberFacts } from '../../facts/member.ts';
import { collide } from '../refusing/start-refusals.ts';
import type { QuietStep } from '../step.ts';
import { placeOf } from './membership.ts';

interface Dialling {
  /** Something of the member itself, or of its predecessor, listens in its place. */
  readonly isTaken?: boolean;
  /** It is a member already, and is dialled elsewhere from then on. */
  readonly moves?: true;
}

/** Sees that a newcomer, or one that moves, and members reach each other. */
export function dialStep(
  newcomer: DesiredMember,
  members: readonly DesiredMember[],
  { isTaken = false, moves }: Dialling = {},
): QuietStep {
  return {
    ...({
      kind: 'dial-peers',
      newcomer: dialled(newcomer),
      members: members.map(dialled),
    } as const),
    ...(isTaken && { isTaken }),
    ...(moves && { moves }),
    because: 'a member that nobody reaches would only count as down',
  };
}

function dialled(member: DesiredMember): Dialled {
  return { name: member.name, peerUrl: member.peerUrl, listen: peerListener(member) };
}

/** Whether the process of the unit on a host holds the peer port where this member is to listen. */
export function holdsPeerPort(found: MemberFacts | undefined, member: DesiredMember): boolean {
  const { host, port } = placeOf(member.peerUrl);
  return (found?.listeners ?? []).some(
    (one) =>
      one.pid === found?.unit.pid && one.port === Number(port) && collide({ address: host }, one),
  );
}
