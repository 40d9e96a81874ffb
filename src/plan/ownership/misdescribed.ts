import type { DesiredCluster } from '../../desired/cluster.ts';
import type { ClusterFacts } from '../../facts/cluster.ts';
import { observed, someoneAnswers } from '../../observed/observed.ts';
import type { Refusal } from '../plan.ts';
import { changedPlaces } from '../refusing/changed-places.ts';
import { changedSettings } from '../refusing/changed-settings.ts';
import { ownershipRefusals } from './owners.ts';
import { strangeRecords } from './strange-records.ts';

/**
 * Why nothing may be done to these hosts, whatever it is: they are somebody else's, or the inventory does not describe what
 * is on them. Other addresses are taken of members that do not answer: a cluster whose hosts were given new ones is brought
 * back by a restore only.
 */
export function misdescribed(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'binaries'>,
): readonly Refusal[] {
  const foreign = ownershipRefusals(cluster, facts);
  if (foreign.length > 0) return foreign;
  const strange = strangeRecords(cluster, facts);
  if (strange.length > 0) return strange;
  return changedOnHosts(cluster, facts);
}

/**
 * Where the inventory does not describe what is on the hosts, or they are somebody else's: what `plan` refuses with before
 * anything else, for those who only look.
 */
export function mismatches(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members' | 'binaries'>,
): readonly Refusal[] {
  const foreign = ownershipRefusals(cluster, facts);
  return foreign.length > 0 ? foreign : changedSettings(cluster, facts, { movesPlaces: true });
}

/** The reasons of `misdescribed` on hosts that are known to be this cluster's. */
export function changedOnHosts(
  cluster: DesiredCluster,
  facts: Pick<ClusterFacts, 'members'>,
): readonly Refusal[] {
  if (!someoneAnswers(facts)) return changedSettings(cluster, facts, { places: [] });
  // A host in the place of one that is lost is what the inventory says, and so is an address that a failed run had wrong.
  const answers = new Set(observed(cluster, facts).answers.map(({ name }) => name));
  const places = changedPlaces(cluster, facts).filter(({ member }) => answers.has(member));
  return changedSettings(cluster, facts, { places });
}
