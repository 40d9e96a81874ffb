import { adminOf } from '../../facts/etcd/ask-port.ts';
import { askAll } from '../../facts/fact.ts';
import { type ListenerFact, lasting, listenersFact } from '../../facts/host/port.ts';
import { Failure } from '../../failure/failure.ts';
import type { Host } from '../../host/host.ts';
import { peerClientPair } from '../../pki/issue/peer-client-pair.ts';
import type { ReachedCluster } from './examine.ts';
import {
  answers,
  clientPlace,
  type ExaminedHost,
  type ExaminedMember,
  examinedMembers,
  peerPlace,
  runs,
} from './examined.ts';
import { type Place, type Reach, reach } from './reach.ts';

type Around = Pick<ReachedCluster, 'hosts' | 'store'>;

/**
 * The same with how each host reaches the peer ports of the others, where a process listens behind them, and its own
 * client port.
 */
export async function withReaches(
  seen: readonly ExaminedHost[],
  { hosts, store }: Around,
): Promise<readonly ExaminedHost[]> {
  const targets = examinedMembers({ seen }).filter(runs);
  const dialled = await Promise.all(
    seen.map(async ({ member, found }) => {
      const host = hosts.get(member.name);
      if (host === undefined || !('facts' in found)) return { member, found };
      const [reaches, ownClientPort] = await Promise.all([
        dialOthers(member.name, targets, (one) =>
          reach(host, peerPort(one), store, () => peerClientPair(store, member.name)),
        ),
        reachOwnClientPort(host, found, store),
      ]);
      return { member, found: { ...found, reaches, ownClientPort } };
    }),
  );
  return await Promise.all(
    dialled.map(async ({ member, found }) => {
      const host = hosts.get(member.name);
      if (host === undefined || !('facts' in found) || !runs(found)) return { member, found };
      return { member, found: { ...found, listeners: await stillListening(host, found) } };
    }),
  );
}

/** The same with how each host reaches the client ports of the others that answer. */
export async function withClientReaches(
  seen: readonly ExaminedHost[],
  { hosts, store }: Around,
): Promise<readonly ExaminedHost[]> {
  const targets = examinedMembers({ seen }).filter(answers);
  return await Promise.all(
    seen.map(async ({ member, found }) => {
      const host = hosts.get(member.name);
      if (host === undefined || !('facts' in found)) return { member, found };
      const clientReaches = await dialOthers(member.name, targets, (one) =>
        reach(host, clientPort(one), store, () => adminOf(store)),
      );
      return { member, found: { ...found, clientReaches } };
    }),
  );
}

async function dialOthers(
  name: string,
  targets: readonly ExaminedMember[],
  dial: (target: ExaminedMember) => Promise<Reach>,
): Promise<ReadonlyMap<string, Reach>> {
  const others = targets.filter(({ member }) => member.name !== name);
  return new Map(
    await Promise.all(others.map(async (one) => [one.member.name, await dial(one)] as const)),
  );
}

async function reachOwnClientPort(
  host: Host,
  one: ExaminedMember,
  store: string,
): Promise<Reach | undefined> {
  if (!runs(one) || answers(one)) return undefined;
  return await reach(host, clientPort(one), store, () => adminOf(store));
}

/** A process that ended meanwhile, or was started again, may have refused what is dialled for want of a listener. */
async function stillListening(
  host: Host,
  { facts }: ExaminedMember,
): Promise<readonly ListenerFact[]> {
  try {
    const ports = facts.listeners.map(({ port }) => port);
    const { now } = await askAll(host, { now: listenersFact(ports) });
    return lasting(facts.listeners, now);
  } catch (error) {
    // A host that went away meanwhile.
    if (error instanceof Failure) return [];
    throw error;
  }
}

function peerPort(one: ExaminedMember): Place {
  const listens = one.settings.get('ETCD_LISTEN_PEER_URLS') ?? one.member.peerUrl;
  return { ...peerPlace(one.member), speaksTls: listens.startsWith('https:') };
}

function clientPort(one: ExaminedMember): Place {
  const listens = one.settings.get('ETCD_LISTEN_CLIENT_URLS') ?? one.member.clientUrl;
  return { ...clientPlace(one), speaksTls: listens.startsWith('https:') };
}
