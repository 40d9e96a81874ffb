import type { Dialled } from '../facts/etcd/dial-peers.ts';
import type { ListAccess, LogPlace } from './carried.ts';

/** What changes the list of members that etcd holds, and what is asked before and after. */
export type MembershipStep =
  | {
      /** Sees that a newcomer's host and the hosts of the members reach each other at their peer ports. */
      readonly kind: 'dial-peers';
      readonly newcomer: Dialled;
      readonly members: readonly Dialled[];
      /** The newcomer's place is taken by a member that listens there yet. */
      readonly isTaken?: boolean;
      /** The newcomer is a member already, and is dialled elsewhere from then on. */
      readonly moves?: true;
    }
  | {
      readonly kind: 'add-member';
      readonly member: string;
      readonly peerUrl: string;
      /** Whether it has no vote until it is promoted. */
      readonly asLearner: boolean;
      /** The peer URLs that the list has without it: a newcomer starts with exactly that list. */
      readonly beside: readonly string[];
      /** The member that is asked to do it. */
      readonly via: string;
      readonly list: ListAccess;
    }
  | {
      /** Waits until a member that has just joined is ready, as long as it makes progress. */
      readonly kind: 'await-joined';
      readonly unit: string;
      readonly log: LogPlace;
      /** The directory that grows as long as it makes progress. */
      readonly data: string;
      readonly emptyStart?: true;
    }
  | {
      /** Gives a learner its vote once it has caught up. */
      readonly kind: 'promote-member';
      readonly member: string;
      readonly peerUrl: string;
      readonly via: string;
      readonly list: ListAccess;
    }
  | {
      /** Takes a newcomer out of the list again, unless it has a vote and has started. */
      readonly kind: 'withdraw-member';
      readonly member: string;
      readonly peerUrl: string;
      readonly via: string;
      readonly list: ListAccess;
    }
  | {
      /** Moves leadership off a member that leads, and takes it out of the list. */
      readonly kind: 'remove-member';
      readonly member: string;
      readonly id: string;
      readonly clientUrls: readonly string[];
      readonly via: string;
      readonly list: ListAccess;
    }
  | {
      /** Stops and disables what is left of a removed member on its host, and moves its data aside. */
      readonly kind: 'retire-host';
      readonly cluster: string;
      readonly member: string;
      readonly address: string;
      readonly unit: string;
      readonly unitFile: string;
      readonly data: string;
      /** Directories of its log, where that is not in the data. */
      readonly logs?: readonly string[];
      /** What is to be typed on that host where it is left as it is. */
      readonly byHand: string;
    }
  | {
      /** Hands leadership from the leader to this member. */
      readonly kind: 'move-leadership';
      readonly member: string;
      readonly id: string;
      readonly list: ListAccess;
    }
  | {
      readonly kind: 'update-peer-urls';
      readonly id: string;
      /** The member that is asked to do it. */
      readonly via: string;
      readonly list: ListAccess;
      readonly from: readonly string[];
      readonly to: readonly string[];
    };

/** The step of one kind. */
export type MembershipStepOf<Kind extends MembershipStep['kind']> = Extract<
  MembershipStep,
  { readonly kind: Kind }
>;

/** What such a step does, in a few words. */
export function describeMembershipStep(step: MembershipStep): string {
  switch (step.kind) {
    case 'dial-peers':
      return `see that it and ${step.members.map(({ name }) => name).join(', ')} reach each other at their peer ports`;
    case 'add-member':
      return `add ${step.peerUrl} to the list of members${step.asLearner ? ' as a learner' : ''}, through ${step.via}`;
    case 'await-joined':
      return `wait until ${step.unit}.service is ready, as long as it makes progress`;
    case 'promote-member':
      return `give it a vote once it has caught up, through ${step.via}`;
    case 'withdraw-member':
      return `take it out of the list of members again, through ${step.via}`;
    case 'remove-member':
      return `move leadership off ${step.member} if it leads, and take member ${step.id} out of the list`;
    case 'retire-host':
      return `stop and disable ${step.unit}.service at ${step.address}, and move its data aside, if that host can be reached`;
    case 'move-leadership':
      return `hand leadership to ${step.member}`;
    case 'update-peer-urls':
      return `change its peer URL in the membership to ${step.to.join(', ')}, through ${step.via}`;
    default:
      return step satisfies never;
  }
}

const KINDS: Readonly<Record<MembershipStep['kind'], true>> = {
  'dial-peers': true,
  'add-member': true,
  'await-joined': true,
  'promote-member': true,
  'withdraw-member': true,
  'remove-member': true,
  'retire-host': true,
  'move-leadership': true,
  'update-peer-urls': true,
};

/** Whether a step is about the list of members: its kind says so. */
export function isMembershipStep(step: { readonly kind: string }): step is MembershipStep {
  return Object.hasOwn(KINDS, step.kind);
}
