import type { DesiredCluster } from '../desired/cluster.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import { askHashes, differenceOf } from '../facts/etcd/hashes.ts';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { allFound, foundMembers, foundOf } from '../observed/found.ts';
import { INVENTORY, type Offered, provision, remedy } from '../problem/remedy.ts';

/**
 * Makes sure all members that answer hold the same keys and values at one revision. Throws a Failure (refused) that names
 * the hashes when they differ, or one where they cannot be compared.
 */
export async function refuseUnequalHashes(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  { members }: ClusterFacts,
): Promise<void> {
  const answering = [...hosts.values()].filter(
    ({ name }) => foundOf({ members }, name)?.etcd.healthy,
  );
  if (answering.length === 0) return;
  const revisions = allFound({ members }).flatMap(({ etcd }) => etcd.status?.revision ?? []);
  const revision = Math.min(...revisions);
  const difference = differenceOf(await askHashes(desired, answering, revision), revision);
  if (difference === undefined) return;
  throw new Failure('refused', `${desired.name}: ${difference}`, {
    next: keepEach(answering.map(({ name }) => name)),
  });
}

/** Whose data differs from that of all others, of whom at least two hold the same; nobody where it is not one member. */
export async function oddMember(
  desired: DesiredCluster,
  hosts: ReadonlyMap<string, Host>,
  facts: ClusterFacts,
): Promise<string | undefined> {
  const statuses = foundMembers(facts).flatMap(([name, { etcd }]) => {
    const host = hosts.get(name);
    return host === undefined || !etcd.healthy || etcd.status === undefined
      ? []
      : [{ host, revision: etcd.status.revision }];
  });
  const revision = Math.min(...statuses.map((one) => one.revision));
  const asked = statuses.map(({ host }) => host);
  return oddOneOf(asked.length < 3 ? new Map() : await askHashes(desired, asked, revision));
}

/** The same, from hashes at one revision. */
export function oddOneOf(hashes: ReadonlyMap<string, number>): string | undefined {
  const odd = [...hashes.keys()].filter((name) => {
    const others = [...hashes].filter(([other]) => other !== name).map(([, hash]) => hash);
    return others.length > 1 && new Set(others).size === 1 && others[0] !== hashes.get(name);
  });
  return odd.length === 1 ? odd[0] : undefined;
}

/**
 * What to do before anything else where members differ. A majority is not the truth: a member that came back without its
 * log can form one with a member that was behind, and then the third has the only copy of what was acknowledged.
 */
export function keepEach(names: readonly string[]): readonly Offered[] {
  const [first = 'NAME', ...others] = names;
  const likewise = others.length === 0 ? '' : ` (likewise ${others.join(', ')})`;
  return [
    remedy`change nothing yet: which one is right is not decided by how many agree. Keep what each holds: ${provision('snapshot', 'save', INVENTORY, '--member', first)}${likewise}; then ${provision('doctor', INVENTORY)} shows whose log is older and who holds more`,
  ];
}
