import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import type { ListenerFact } from '../../facts/host/port.ts';
import type { MemberFacts } from '../../facts/member.ts';
import type { Failure } from '../../failure/failure.ts';
import type { LogFileFact } from './log-file.ts';
import type { Reach } from './reach.ts';
import type { StartFact } from './start.ts';
import type { KeyFact, PemFact } from './trust.ts';

/** What a member is set up with to prove who it is, and whom it believes; absent over plain http. */
export interface Certificates {
  readonly server: PemFact | undefined;
  readonly serverKey: KeyFact | undefined;
  readonly peer: PemFact | undefined;
  readonly peerKey: KeyFact | undefined;
  readonly trusted: PemFact | undefined;
  readonly peerTrusted: PemFact | undefined;
}

/** Everything seen of one member whose host answers. */
export interface ExaminedMember {
  readonly member: DesiredMember;
  readonly facts: MemberFacts;
  readonly start: StartFact;
  readonly settings: ReadonlyMap<string, string>;
  readonly logs: readonly LogFileFact[];
  readonly certificates: Certificates;
  /** Whether the file system of its data takes no writes at all. */
  readonly isReadOnly: boolean;
  /** The same of the disk of its log, where that has a directory of its own. */
  readonly isLogReadOnly?: boolean;
  /** When anything in its data was changed last, in seconds since 1970 by the host's clock; undefined where it has none. */
  readonly dataChangedAt: number | undefined;
  /** Seconds the host's clock is ahead of ours for certain; negative when behind. */
  readonly clockAhead: number;
  /** How its host reaches the peer ports of the others, by name; only asked where something is wrong. */
  readonly reaches: ReadonlyMap<string, Reach>;
  /** How its host reaches its own client port; only asked of a member that runs and does not answer. */
  readonly ownClientPort: Reach | undefined;
  /** How its host reaches the client ports of the others that answer, by name; only `doctor` asks. */
  readonly clientReaches: ReadonlyMap<string, Reach>;
  /** Who listens on its ports, from before they were dialled until after. */
  readonly listeners: readonly ListenerFact[];
}

/** A member, and what is seen of it or why nothing is. */
export interface ExaminedHost {
  readonly member: DesiredMember;
  readonly found: ExaminedMember | Failure;
}

/** The whole cluster as it is diagnosed. */
export interface ExaminedCluster {
  readonly desired: DesiredCluster;
  readonly seen: readonly ExaminedHost[];
  /** Whether all answer and each reaches each. */
  readonly isWhole: boolean;
}

/** The members whose hosts answer. */
export function examinedMembers({
  seen,
}: Pick<ExaminedCluster, 'seen'>): readonly ExaminedMember[] {
  return seen.flatMap(({ found }) => ('facts' in found ? [found] : []));
}

/** The address and port others dial a member at. */
export function peerPlace({ peerUrl }: Pick<DesiredMember, 'peerUrl'>): {
  readonly address: string;
  readonly port: number;
} {
  return placeOf(peerUrl);
}

/** The address and port clients are told to dial it at. */
export function clientPlace({ settings, member }: Pick<ExaminedMember, 'settings' | 'member'>): {
  readonly address: string;
  readonly port: number;
} {
  const [url] = settings.get('ETCD_ADVERTISE_CLIENT_URLS')?.split(',') ?? [];
  return placeOf(url || member.clientUrl);
}

function placeOf(url: string) {
  const { hostname, port } = new URL(url);
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** Whether a member answers: a read it denies for want of a user is an answer too. */
export function answers({ facts: { etcd } }: Pick<ExaminedMember, 'facts'>): boolean {
  return etcd.healthy;
}

/** Whether a process of its unit is there. */
export function runs({ facts: { unit } }: Pick<ExaminedMember, 'facts'>): boolean {
  return unit.pid > 0;
}
