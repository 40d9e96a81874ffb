import type { EtcdMember } from './answers.ts';

/** How many members must answer, counted over the list that etcd holds: who never started counts as failed. */
export interface Quorum {
  readonly voters: number;
  /** Voters that must answer for a read or a write. */
  readonly needed: number;
  /** Voters that answer. */
  readonly answering: number;
  /** Voters that may fail yet; negative where too few answer. */
  readonly spare: number;
  /** Voters that run and could not be asked whether they answer. */
  readonly unasked?: number;
}

/** How many of so many voters must answer for a read or a write (raft: more than half). */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * How many members are most where no list that etcd holds counts: the lock of runs, and a restore, whose cluster gets the
 * members of the inventory as its list.
 */
export function majorityOfComing({ members }: { readonly members: readonly unknown[] }): number {
  return majority(members.length);
}

/** Whether the voters that answer are enough for writes while so many of them are stopped. */
export function withstands(
  { voters, answering }: Pick<Quorum, 'voters' | 'answering'>,
  stopped: number,
): boolean {
  return answering - stopped >= majority(voters);
}

/** The quorum of a list of members, of which these ids answer. Learners do not vote. */
export function quorumOf(
  members: readonly Pick<EtcdMember, 'id' | 'isLearner'>[],
  answering: ReadonlySet<string>,
): Quorum {
  const voters = members.filter(({ isLearner }) => !isLearner);
  const needed = majority(voters.length);
  const up = voters.filter(({ id }) => answering.has(id)).length;
  return { voters: voters.length, needed, answering: up, spare: up - needed };
}

/** The same once the members with these ids have been taken out of the list. */
export function quorumWithout(
  members: readonly Pick<EtcdMember, 'id' | 'isLearner'>[],
  leaving: ReadonlySet<string>,
  answering: ReadonlySet<string>,
): Quorum {
  return quorumOf(
    members.filter(({ id }) => !leaving.has(id)),
    answering,
  );
}

/** `3 of 4 must answer, 3 do, none may fail`, or that too few do. */
export function describeQuorum(quorum: Quorum): string {
  const { voters, spare, unasked = 0 } = quorum;
  if (voters === 0) return 'no member has a vote: no quorum';
  const must = describeAnswering(quorum);
  if (spare < 0 && spare + unasked >= 0) return `${must}, ${unasked} could not be asked`;
  if (spare < 0) return `${must}: no quorum`;
  return `${must}, ${spare === 0 ? 'none' : spare} may fail`;
}

/** `3 of 4 must answer, 2 do` */
export function describeAnswering({ voters, needed, answering }: Quorum): string {
  return `${needed} of ${voters} must answer, ${answering} ${answering === 1 ? 'does' : 'do'}`;
}

/** Members that were added and have never started: a member publishes its name and client URLs when it first has quorum. */
export function neverStarted(members: readonly EtcdMember[]): readonly EtcdMember[] {
  return members.filter(({ name, clientUrls }) => name === '' && clientUrls.length === 0);
}

/** Names that more than one member has, each with its members. */
export function sharedNames(
  members: readonly EtcdMember[],
): ReadonlyMap<string, readonly EtcdMember[]> {
  const byName = new Map<string, EtcdMember[]>();
  for (const member of members)
    if (member.name !== '') byName.set(member.name, [...(byName.get(member.name) ?? []), member]);
  return new Map([...byName].filter(([, holders]) => holders.length > 1));
}
