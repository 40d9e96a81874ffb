/**
 * What must be true for a remedy to do no harm. Each is answered from what was observed, never from what is likely.
 */
export type Precondition =
  /** No host has, or may have, keys of a cluster in its data, and nobody answers. */
  | { readonly kind: 'noKeysHere' }
  /** The member runs nowhere, and the others answer without it. */
  | { readonly kind: 'memberDead'; readonly member: string }
  /** Each voter in etcd's list is a member that answers; unknown where nobody tells the list. */
  | { readonly kind: 'allVotersAnswer' }
  /** None of these members, by their ids, answers where the inventory looks, and those that answer are a quorum without them. */
  | { readonly kind: 'quorumWithout'; readonly ids: readonly string[] }
  /** A member of the cluster answers a linearizable read. */
  | { readonly kind: 'othersAnswer'; readonly member: string }
  /** Each voter in etcd's list but this member answers. */
  | { readonly kind: 'othersAllAnswer'; readonly member: string }
  /** These members do not answer and are in etcd's list, and the others have a quorum. */
  | { readonly kind: 'othersServe'; readonly members: readonly string[] }
  /** The inventory has the members of etcd's list, where the list has them, and no others: nobody joins, leaves or moves. */
  | { readonly kind: 'listAsWanted' }
  /** Too few members have their data for a quorum. */
  | { readonly kind: 'quorumIsLost' }
  /** Nobody answers, and of the others enough have their data for a quorum. */
  | { readonly kind: 'othersCanStart'; readonly member: string }
  /** The member has the data of its cluster on its disk. */
  | { readonly kind: 'hasData'; readonly member: string }
  /** `up` would do something, where a member is named on that member, and not the same that has just failed. */
  | { readonly kind: 'upWouldAct'; readonly member?: string };

export type Truth = 'yes' | 'no' | 'unknown';

/** Answers preconditions from what was observed. */
export type Situation = (precondition: Precondition) => Truth;

/** What a person finds out where a precondition is unknown. */
export function whatToFindOut(precondition: Precondition): string {
  switch (precondition.kind) {
    case 'noKeysHere':
      return 'find out whether any member still has keys';
    case 'memberDead':
      return `find out whether ${precondition.member} still runs somewhere`;
    case 'allVotersAnswer':
      return 'find out whether all members answer';
    case 'quorumWithout':
      return `find out whether the others have a quorum without member ${precondition.ids.join(', ')}`;
    case 'othersAnswer':
      return `find out whether the members beside ${precondition.member} answer`;
    case 'othersAllAnswer':
      return `find out whether all members beside ${precondition.member} answer`;
    case 'othersServe':
      return `find out whether the members beside ${precondition.members.join(', ')} answer`;
    case 'listAsWanted':
      return 'find out whether the inventory has the members that etcd lists';
    case 'quorumIsLost':
      return 'find out how many members still have their data';
    case 'othersCanStart':
      return `find out which members beside ${precondition.member} still have their data`;
    case 'hasData':
      return `find out whether ${precondition.member} still has its data`;
    case 'upWouldAct':
      return 'see what up would do';
  }
}
