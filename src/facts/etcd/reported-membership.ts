import type { DesiredMember } from '../../desired/cluster.ts';
import { type MemberList, readPeerMembers } from '../../etcd/answers.ts';
import type { Host } from '../../host/host.ts';
import { peerClientPair } from '../../pki/issue/peer-client-pair.ts';
import type { MemberFacts } from '../member.ts';
import { askPort } from './ask-port.ts';

/**
 * The membership as a member holds it that does not answer clients, asked at its peer port, where etcd tells it without a
 * quorum. It says by which protocol members dial each other, whatever their configuration says. Nothing of a member that
 * answers, or does not run.
 */
async function askReportedMembership(
  host: Host,
  { name, listener }: DesiredMember,
  { unit, etcd }: Pick<MemberFacts, 'unit' | 'etcd'>,
  store: string,
): Promise<MemberList | undefined> {
  if (unit.pid === 0 || etcd.members !== undefined) return undefined;
  const visitor = await peerClientPair(store, name);
  if (visitor === 'nobody') return undefined;
  const dial = () => host.dial(listener.address, listener.ports.peer);
  const answer = await askPort(dial, '/members', store, 5, Promise.resolve(visitor));
  const clusterId = answer?.headers['x-etcd-cluster-id'];
  if (answer === undefined || typeof clusterId !== 'string') return undefined;
  return { clusterId: clusterId.padStart(16, '0'), members: readPeerMembers(answer.text) };
}

/** The facts of a member with what it believes, where it does not answer. Throws when the host cannot be asked. */
export async function withReportedMembership(
  host: Host,
  member: DesiredMember,
  found: MemberFacts,
  store: string,
): Promise<MemberFacts> {
  const reportedList = await askReportedMembership(host, member, found, store);
  return reportedList === undefined ? found : { ...found, reportedList };
}
