import type { Binary } from '../binaries/binary.ts';
import type { DesiredCluster, DesiredMember } from '../desired/cluster.ts';
import type { Dial } from '../facts/etcd/dial-peers.ts';
import type { Clock } from '../facts/host/clock.ts';
import type { MemberFacts } from '../facts/member.ts';
import type { HostEnvironment } from './surroundings.ts';
import type { WriteTest } from './write-test.ts';

/** What every run that looks at a cluster knows of a host. */
export interface KnownHost {
  readonly cluster: DesiredCluster;
  readonly member: DesiredMember;
  readonly facts: MemberFacts;
  readonly clock: Clock;
  /** This machine's clock. */
  readonly now: Date;
  /** The programs to run, as files on this machine. */
  readonly binaries: readonly Binary[];
  /** When the certificates it gets are valid; nothing for http. */
  readonly certificates: { readonly from: Date; readonly until: Date } | undefined;
}

/** What `check` asks beyond that. */
export interface CheckedHost extends KnownHost {
  readonly surroundings: HostEnvironment;
  /** From this host to every other member. */
  readonly dials: readonly Dial[];
  /** Nothing where it was not wanted. */
  readonly writes: WriteTest | undefined;
  /** The same names as every host resolves them. */
  readonly namesElsewhere: ReadonlyMap<string, HostEnvironment['names']>;
}
