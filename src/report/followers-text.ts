import type { Rejection } from '../facts/clients/rejections.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { Issued } from '../pki/issue/issued.ts';

/** A client of the cluster, seen at the client ports or in the logs of members. */
export interface Follower {
  /** Its address; beside it the program, where it runs on a member's host. */
  readonly client: string;
  readonly members: readonly string[];
  /** Connections opened since the members show their present leaves: they prove that it trusts their CA. */
  readonly proven: number;
  /** Connections from before, which prove nothing. */
  readonly unproven: number;
  readonly rejected: readonly Rejection['why'][];
}

/** What can be seen of clients while two CAs are trusted. */
export interface Followers {
  readonly clients: readonly Follower[];
  /** For how long was looked, in seconds. */
  readonly window: number;
  /** Certificates handed out that come from the CA whose trust is to end. */
  readonly issued: readonly Issued[];
  /** What the store still has of that CA. */
  readonly stored: readonly string[];
  /** The bundle that clients should have. */
  readonly trust: string;
}

/** Who has followed a rotation of the CA, for people. */
export function describeFollowers({
  clients,
  window,
  issued,
  stored,
  trust,
}: Followers): readonly string[] {
  const told = clients.map((one) => `  ${describeClient(one)}`);
  return [
    told.length === 0
      ? `clients seen within ${window} s: none; one that connects later cannot be judged`
      : `clients seen within ${window} s:`,
    ...told,
    ...(issued.length === 0 && stored.length === 0
      ? []
      : ['certificates of the CA whose trust is to end, still valid:']),
    ...issued.map(
      ({ name, serial, at, where }) =>
        `  ${name}: serial ${serial.toLowerCase()}, issued ${at.slice(0, 10)} to ${where}`,
    ),
    ...stored.map((id) => `  ${id}: in the store, not in the inventory`),
    `what clients are to trust: ${trust}`,
  ];
}

function describeClient({ client, members, proven, unproven, rejected }: Follower): string {
  const count = (number: number) => `${number} connection${number === 1 ? '' : 's'}`;
  const sentences = [
    ...(unproven > 0
      ? [`${count(unproven)} from before the present certificates: not proven to trust their CA`]
      : []),
    ...(proven > 0 ? [`${count(proven)} opened since: trusts the CA that signs now`] : []),
    ...rejected.map((why) =>
      why === 'the client distrusts the member'
        ? 'rejected: does not trust the CA that signs now'
        : 'rejected: shows a certificate of a CA that is not trusted',
    ),
  ];
  return `${client} at ${members.join(', ')}: ${sentences.join('; ')}`;
}

/** That nothing is left to finish, and since when. */
export function rotationOver({ rotation: { record } }: ClusterFacts): string {
  const since = record?.proven === undefined ? '' : ` (proven ${record.proven.slice(0, 16)}Z)`;
  return `done: no rotation of the CA is under way, and no member trusts the former one${since}; nothing is left to finish`;
}
