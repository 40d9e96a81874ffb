import type { Binary } from '../binaries/binary.ts';
import type { CaRotation } from '../pki/ca/ca-rotation.ts';
import type { StoredCrl } from '../pki/ca/revoke.ts';
import type { StoreFacts } from '../pki/store/store-facts.ts';
import type { ConsumerFacts } from './consumer.ts';
import type { MemberFacts } from './member.ts';
import type { Look } from './unreachable.ts';

/** The programs of another version than that of the inventory. */
export interface VersionPrograms {
  readonly binaries: readonly Binary[];
  /** What hosts have of them, by member. */
  readonly there: ReadonlyMap<string, MemberFacts['binaries']>;
}

/** A host that still has what is left of a member which is to be removed, and whose the data in it is. */
export interface RemovedHost {
  readonly member: string;
  readonly address: string;
  readonly clusterId: string;
  readonly memberId: string;
}

/** Everything observed, by one look at each host and at this machine. */
export interface ClusterFacts {
  readonly members: ReadonlyMap<string, Look<MemberFacts>>;
  /** The consumers whose hosts were looked at. */
  readonly consumers: ReadonlyMap<string, Look<ConsumerFacts>>;
  /** The ids of members in etcd's list that are not in the inventory and answer; asked where there are any. */
  readonly answeringStrangers?: ReadonlySet<string>;
  /** The ids of members that answer where etcd's list has them, and not where the inventory has them. */
  readonly answeringElsewhere?: ReadonlySet<string>;
  /** Hosts of members that are to be removed and are in no list; asked where there are any. */
  readonly removedHosts?: readonly RemovedHost[];
  readonly store: StoreFacts;
  /** The CAs beside the one that signs. */
  readonly rotation: CaRotation;
  /** The same of the peers' own CA. */
  readonly peerRotation: CaRotation;
  /** The revocation list of the store. */
  readonly crl: Pick<StoredCrl, 'sha256'> | undefined;
  /** The same of the peers' own CA. */
  readonly peerCrl: Pick<StoredCrl, 'sha256'> | undefined;
  /** The programs to run, as files on this machine; empty when the hosts have them already. */
  readonly binaries: readonly Binary[];
  /** The same for versions that members pass through on their way to the one of the inventory, where there are any. */
  readonly programs?: ReadonlyMap<string, VersionPrograms>;
  /** This machine's clock. */
  readonly now: Date;
}
