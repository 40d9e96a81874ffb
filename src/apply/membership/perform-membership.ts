import type { Host } from '../../host/host.ts';
import type { MembershipStep } from '../../plan/membership-step.ts';
import type { StepContext } from '../step-context.ts';
import type { Watch } from '../watch.ts';
import { awaitJoined } from './await-joined.ts';
import {
  addMember,
  moveLeadership,
  promoteMember,
  removeMember,
  updatePeerUrls,
  withdrawMember,
} from './change-membership.ts';
import { refuseUnreached } from './refuse-unreached.ts';
import { retireHost } from './retire-host.ts';

/** Does one step that is about the list of members, deciding nothing. Throws a Failure. */
export async function performMembership(
  step: MembershipStep,
  host: Host,
  site: StepContext,
  { signal }: Watch,
): Promise<void> {
  switch (step.kind) {
    case 'dial-peers':
      return refuseUnreached(step, site.hosts);
    case 'add-member':
      return addMember(step, site, signal);
    case 'await-joined':
      return awaitJoined(host, step, site, signal);
    case 'promote-member':
      return promoteMember(step, host, site, signal);
    case 'withdraw-member':
      return withdrawMember(step, site, signal);
    case 'remove-member':
      return removeMember(step, site, signal);
    case 'retire-host':
      return retireHost(step, site);
    case 'move-leadership':
      return moveLeadership(step, host, site, signal);
    case 'update-peer-urls':
      return updatePeerUrls(step, site);
    default:
      return step satisfies never;
  }
}
