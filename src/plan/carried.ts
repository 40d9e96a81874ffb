import type { Trial } from '../binaries/trial.ts';
import type { OwnPlaces } from '../desired/access.ts';
import { ownPlaces } from '../desired/access.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { DesiredCertificate } from '../pki/desired-certificate.ts';

/** What a unit is about to run. It is tried right before, so that no other one is started unseen. */
export interface StartedProgram extends Trial {
  readonly path: string;
}

/** Where a member has its log, and the record of which one it is. */
export interface LogPlace {
  readonly cluster: string;
  readonly wal: string;
  readonly record: string;
}

/** Installs what the store has for a member when the step is done. */
export interface InstallCertificates {
  readonly kind: 'install-certificates';
  readonly member: string;
  readonly link: string;
  readonly account: string;
  /** The pairs of the store that the member gets; `row` is what their files are called. */
  readonly certificates: readonly Pick<DesiredCertificate, 'id' | 'row' | 'keyPlace'>[];
  /** Where the host keeps keys that were made there. */
  readonly keys: string;
  /** Whether peers trust a CA of their own, whose files belong to it. */
  readonly hasPeerCa: boolean;
  /** The CA that signs alone, while others still trust the previous one too. */
  readonly trust?: 'signing';
}

/** A member as its listeners are dialled. */
export type Dialable = Pick<DesiredMember, 'name' | 'listener'>;

/** How the list of members is asked for and changed. */
export interface ListAccess {
  readonly cluster: string;
  readonly version: string;
  readonly protocol: DesiredCluster['protocol'];
  readonly own: OwnPlaces;
  /** Those that are asked where the one that was chosen does not tell. */
  readonly members: readonly string[];
}

/** How etcd of the inventory's version is tried on a member's host. */
export function trialOf(
  { account, version }: Pick<DesiredCluster, 'account' | 'version'>,
  { unitFile }: Pick<DesiredMember, 'unitFile'>,
): Trial {
  return { version, account, unitFile };
}

/** What a member's unit runs once its link points where it should. */
export function programOf(
  cluster: Pick<DesiredCluster, 'account' | 'version' | 'paths'>,
  member: Pick<DesiredMember, 'unitFile'>,
): StartedProgram {
  return { path: `${cluster.paths.current}/etcd`, ...trialOf(cluster, member) };
}

/** Where each member of a cluster has its log. */
export function logOf({ name, paths }: Pick<DesiredCluster, 'name' | 'paths'>): LogPlace {
  return { cluster: name, wal: paths.wal, record: paths.incarnation };
}

/** A member as its listeners are dialled, and nothing else of it. */
export function dialable({ name, listener }: Dialable): Dialable {
  return { name, listener };
}

/** How the list of the cluster's members is asked for and changed. */
export function listAccess(cluster: DesiredCluster): ListAccess {
  const { name, version, protocol, members, outgoing = [] } = cluster;
  return {
    ...{ cluster: name, version, protocol, own: ownPlaces(cluster) },
    members: [...members, ...outgoing].map((member) => member.name),
  };
}
