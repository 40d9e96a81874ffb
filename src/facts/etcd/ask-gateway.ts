import { ZodError } from 'zod';
import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { readMemberList, readMemberStatus } from '../../etcd/answers.ts';
import { gatewayRequests } from '../../etcd/gateway.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { readCaCertificate, readPair } from '../../pki/store/store.ts';
import type { UnitFact } from '../host/unit.ts';
import { speaksPlainly } from './ask-port.ts';
import type { EtcdFact } from './etcd.ts';
import { askOver, type Credentials, type HttpQuestion } from './http-port.ts';

/** For each answer: enough for a distant host, and all that is lost where etcdctl must be asked in the end. */
const SECONDS = 1;

type Cluster = Pick<DesiredCluster, 'protocol' | 'version'>;
type Member = Pick<DesiredMember, 'clientUrl' | 'listener'>;

/**
 * Asks a member about itself through etcd's gRPC gateway at its client port, as the admin: three programs less for its
 * host to start. Gives nothing where any of it goes wrong, from a member that is down to one whose certificate does not
 * fit or that has no gateway; `askEtcd` tells why.
 */
export async function askGateway(
  host: Host,
  cluster: Cluster,
  member: Member,
  store: string,
  seconds = SECONDS,
): Promise<EtcdFact | undefined> {
  return (await askGatewayAnd([], host, cluster, member, store, seconds))?.told;
}

/** The same with what the port says at further paths, over one connection: a handshake costs more than an answer. */
export async function askGatewayAnd(
  paths: readonly string[],
  host: Host,
  cluster: Cluster,
  member: Member,
  store: string,
  seconds = SECONDS,
): Promise<{ readonly told: EtcdFact; readonly texts: readonly string[] } | undefined> {
  const own = gatewayRequests(cluster.version);
  const questions = [...own, ...paths.map((path) => ({ path }))];
  const read = (answers: readonly string[]) => {
    const [status = '', members = ''] = answers;
    const told = {
      healthy: true,
      complaint: undefined,
      members: readMemberList(members),
      status: readMemberStatus(member.clientUrl, status),
    };
    return { told, texts: answers.slice(own.length) };
  };
  return askThrough(host, cluster, member, store, questions, read, seconds);
}

/**
 * What is read from the answers to some requests to a member's gateway, made one after the other as the admin. Gives
 * nothing where one is not answered, or where what is answered is not etcd's.
 */
export async function askThrough<T>(
  host: Host,
  { protocol }: Pick<DesiredCluster, 'protocol'>,
  { listener }: Pick<DesiredMember, 'listener'>,
  store: string,
  questions: readonly HttpQuestion[],
  read: (answers: readonly string[]) => T,
  seconds = SECONDS,
): Promise<T | undefined> {
  try {
    const credentials = protocol === 'http' ? undefined : await adminFor(listener.address, store);
    const dial = () => host.dial(listener.address, listener.ports.client);
    // Plain http to a TLS port leaves a line in etcd's journal that looks like a peer of another protocol.
    if (protocol === 'http' && !(await speaksPlainly(dial, store, seconds))) return undefined;
    const answers = await askOver(dial, questions, credentials, seconds);
    return answers && read(answers.map(({ text }) => text));
  } catch (error) {
    if (error instanceof Failure || isOfAnother(error)) return undefined;
    throw error;
  }
}

/**
 * Whether it is the unit's own process that answers where a member is dialled: another host may have its address by now,
 * with another member behind it.
 */
export function servesDialledAddress(
  { process }: Pick<UnitFact, 'process'>,
  { protocol }: Pick<DesiredCluster, 'protocol'>,
  { listener }: Pick<DesiredMember, 'listener'>,
): boolean {
  const { address, ports } = listener;
  const urls = process?.environment.get('ETCD_LISTEN_CLIENT_URLS')?.split(',') ?? [];
  const hosts = [address.includes(':') ? `[${address}]` : address, '0.0.0.0', '[::]'];
  return hosts.some((one) => urls.includes(`${protocol}://${one}:${ports.client}`));
}

/** Whether who answered calls itself, in its own list, by this name. */
export function isNamed({ members, status }: EtcdFact, name: string): boolean {
  return members?.members.some((one) => one.id === status?.memberId && one.name === name) ?? false;
}

// No JSON, or not what etcd answers: whatever listens there, it is not a gateway of etcd.
function isOfAnother(error: unknown): boolean {
  return error instanceof SyntaxError || error instanceof ZodError;
}

async function adminFor(address: string, store: string): Promise<Credentials> {
  const [pair, bundle] = await Promise.all([readPair(store, 'admin'), readCaCertificate(store)]);
  return { pair, ca: { bundle, address } };
}
