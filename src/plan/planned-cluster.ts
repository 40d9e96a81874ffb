import { type OwnPlaces, ownPlaces } from '../desired/access.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';

/** Whom gates ask, and how. */
export interface PlannedCluster
  extends Pick<DesiredCluster, 'name' | 'protocol' | 'version'>,
    OwnPlaces {
  readonly members: readonly PlannedMember[];
}

/** A member whom gates ask. */
export type PlannedMember = Pick<DesiredMember, 'name' | 'peerUrl' | 'clientUrl' | 'listener'>;

/** A cluster as gates ask its members, and nothing else of it. */
export function plannedCluster(desired: DesiredCluster): PlannedCluster {
  const { name, protocol, version, members, outgoing = [] } = desired;
  return {
    ...{ name, protocol, version, ...ownPlaces(desired) },
    members: [...members, ...outgoing].map(plannedMember),
  };
}

function plannedMember({ name, peerUrl, clientUrl, listener }: DesiredMember): PlannedMember {
  return { name, peerUrl, clientUrl, listener };
}
