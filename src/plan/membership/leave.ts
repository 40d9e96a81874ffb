import type { DesiredCluster } from '../../desired/cluster.ts';
import type { EtcdMember } from '../../etcd/answers.ts';
import { observed } from '../../observed/observed.ts';
import { listAccess } from '../carried.ts';
import type { Decision } from '../decision.ts';
import type { Wave } from '../plan.ts';
import { inGivenOrder, rolling, type Turn } from '../rolling.ts';
import type { HostStep } from '../step.ts';
import type { Leaving } from './leaving.ts';
import { placeOf } from './membership.ts';
import { retireByHand } from './retire-by-hand.ts';

/** Members that are down leave one after another, while the others answer. */
export function removeMembers(
  { desired, facts }: Pick<Decision, 'desired' | 'facts'>,
  leaving: readonly Leaving[],
  among: readonly string[],
): readonly Wave[] {
  const via = observed(desired, facts).contact?.name;
  if (via === undefined) return [];
  // By its id: the inventory may name another member as it was called.
  const turns = leaving.map((one) => ({ ...one, name: one.entry.id }));
  return rolling(turns, (one) => removalTurn(desired, one, via, among), {
    among,
    order: inGivenOrder,
  });
}

/**
 * One member leaves: leadership first, then the entry in the list, then the unit and the data on the host, where it can be
 * reached.
 */
export function removalTurn(
  desired: DesiredCluster,
  { entry }: Leaving,
  via: string,
  among: readonly string[],
): Turn {
  const member = entry.name || entry.id;
  const [peerUrl = ''] = entry.peerUrls;
  const because = 'the inventory does not name it any more';
  return {
    title: `remove ${member}`,
    host: via,
    steps: [
      takeOut(desired, entry, { member, via, because }),
      retireHost(desired, member, placeOf(peerUrl).host),
    ],
    undo: [],
    pointOfNoReturn: 'remove-member',
    gate: [{ kind: 'not-listed', members: among, member, id: entry.id }],
  };
}

/** Moves leadership off a member, and takes it out of the list. */
export function takeOut(
  desired: DesiredCluster,
  { id, clientUrls }: EtcdMember,
  { member, via, because }: { member: string; via: string; because: string },
): HostStep {
  return {
    ...{ kind: 'remove-member', member, id, clientUrls, via, list: listAccess(desired), because },
  };
}

/** Stops and disables what is left of a member on its host, by the address it had in the list. */
export function retireHost(
  cluster: Pick<DesiredCluster, 'name' | 'unit' | 'paths' | 'keepsLayout'>,
  member: string,
  address: string,
): HostStep {
  const because = 'it must not start again';
  const { name, unit, paths } = cluster;
  return {
    ...{ kind: 'retire-host', cluster: name, member, address, unit, because },
    ...{ unitFile: paths.unitFile, data: paths.data },
    ...(paths.walHome !== undefined && { logs: [paths.walHome] }),
    byHand: retireByHand(cluster, member),
  };
}
