import { observed } from '../observed/observed.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import type { Decision } from './decision.ts';
import { hostsOf } from './lane.ts';
import type { MemberPlan } from './member.ts';
import { leaveFormerLink } from './ownership/former-link.ts';
import type { Refusal } from './plan.ts';
import { leaderLast } from './rolling.ts';
import type { QuietStep } from './step.ts';

export interface DriftOptions {
  /** Whether members may have to be started. */
  readonly mayStart?: boolean;
  /** Whether a change of configuration belongs to what is done. */
  readonly isExpected?: (step: QuietStep) => boolean;
}

/**
 * A refusal that names every host which differs from the inventory in more than certificates: an operation about
 * certificates changes nothing by the way.
 */
export function driftRefusals(
  { desired, seen, boot, certificates, members, refusals }: Decision,
  { mayStart = false, isExpected = () => false }: DriftOptions = {},
): readonly Refusal[] {
  if (refusals.length > 0) return [];
  const differs = (member: MemberPlan) =>
    needsMore(member, isExpected) || !(member.running || mayStart);
  // As they would take their turns.
  const inOrder = leaderLast(observed(desired, seen).members).map(({ name }) => name);
  const differing = new Set(members.filter(differs).map(({ name }) => name));
  const names = new Set([
    ...(certificates.makesCa ? ['here'] : []),
    ...inOrder.filter((name) => differing.has(name)),
    // What says that the cluster was formed is still to be written.
    ...(boot.formed ? [] : members.map(({ name }) => name)),
    ...leaveFormerLink(desired, seen).flatMap(({ lanes }) => hostsOf(lanes)),
  ]);
  if (names.size === 0) return [];
  return [
    {
      kind: 'drift',
      about: [...names],
      sentence: `${desired.name}: ${[...names].join(', ')} ${names.size === 1 ? 'differs' : 'differ'} from the inventory in more than certificates, and a rotation changes nothing else`,
      next: [remedy`bring them in order first: ${provision('up', INVENTORY)}`],
    },
  ];
}

/** Whether a member needs more than certificates and a restart. */
function needsMore(
  { clear, prepare, server, tools, link, configuration }: MemberPlan,
  isExpected: (step: QuietStep) => boolean,
): boolean {
  const others = [...clear, ...prepare, ...server, ...tools, ...link];
  return others.length > 0 || !configuration.every(isExpected);
}
