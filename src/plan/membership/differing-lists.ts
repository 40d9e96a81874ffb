import type { EtcdMember } from '../../etcd/answers.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { foundMembers } from '../../observed/found.ts';
import type { Proposal } from '../../problem/problem.ts';
import { remedies } from '../refusing/remedies.ts';

/** An entry that some members that answer have in their lists, and others have not. */
interface Differing {
  readonly entry: EtcdMember;
  readonly has: readonly string[];
  readonly lacks: readonly string[];
}

/** Entries about which the lists of members of one cluster differ, each once. */
export function differingEntries(facts: Pick<ClusterFacts, 'members'>): readonly Differing[] {
  const told = foundMembers(facts).flatMap(([name, { etcd }]) =>
    etcd.healthy && etcd.members !== undefined && etcd.members.members.length > 0
      ? [{ name, ...etcd.members }]
      : [],
  );
  const entries = new Map(
    told.flatMap(({ clusterId, members }) =>
      members.map((entry) => [`${clusterId} ${entry.id}`, { clusterId, entry }] as const),
    ),
  );
  return [...entries.values()].flatMap(({ clusterId, entry }) => {
    const asked = told.filter((one) => one.clusterId === clusterId);
    const isIn = (members: readonly EtcdMember[]) => members.some(({ id }) => id === entry.id);
    const has = asked.filter(({ members }) => isIn(members)).map(({ name }) => name);
    const lacks = asked.filter(({ members }) => !isIn(members)).map(({ name }) => name);
    return lacks.length === 0 ? [] : [{ entry, has, lacks }];
  });
}

/** That they differ. Which of them is right nobody can tell from here, so nothing is removed or added for it. */
export function differingProblem({ entry, has, lacks }: Differing): Proposal {
  const { id, name, peerUrls } = entry;
  const holds = has.length === 1 ? 'has' : 'have';
  return {
    kind: 'lists-differ',
    about: [],
    sentence: `the members' lists differ: ${has.join(', ')} ${holds} member ${id} (${name || 'without a name'}) at ${peerUrls.join(', ')}, and ${lacks.join(', ')} ${lacks.length === 1 ? 'does' : 'do'} not`,
    next: [remedies.saveEach(has.length === 1 ? has[0] : undefined)],
  };
}
