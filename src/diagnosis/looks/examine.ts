import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { askAll, type Fact } from '../../facts/fact.ts';
import { askMember, lookAt, type ReachedHosts } from '../../facts/gather.ts';
import { isSeen } from '../../facts/unreachable.ts';
import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import {
  answers,
  type Certificates,
  clientPlace,
  type ExaminedHost,
  type ExaminedMember,
  examinedMembers,
  peerPlace,
  runs,
} from './examined.ts';
import { logFileFact } from './log-file.ts';
import { type Reach, reach } from './reach.ts';
import { logFiles, settingsOf } from './settings.ts';
import { startFact } from './start.ts';
import { keyFact, pemFact } from './trust.ts';

/** Where a diagnosis finds its hosts. */
export interface ReachedCluster extends ReachedHosts {
  readonly desired: DesiredCluster;
}

/**
 * Looks at every member side by side: the facts that every plan is made from, and beside them what only a diagnosis reads
 * (journal, log files, certificates as etcd finds them), which would be too much to ask in every run.
 */
export async function examine(around: ReachedCluster): Promise<readonly ExaminedHost[]> {
  return await Promise.all(
    around.desired.members.map(async (member): Promise<ExaminedHost> => {
      const look = await lookAt(around, member.name, (host) => examineMember(host, member, around));
      return { member, found: isSeen(look) ? look : look.unreachable };
    }),
  );
}

async function examineMember(
  host: Host,
  member: DesiredMember,
  { desired, store }: ReachedCluster,
): Promise<ExaminedMember> {
  const asked = Date.now() / 1000;
  const [{ start, isReadOnly }, facts] = await Promise.all([
    askAll(host, { start: startFact(desired.unit), isReadOnly: readOnlyFact(desired.paths.data) }),
    askMember(host, desired, member, store),
  ]);
  const settings = settingsOf(facts, start);
  const paths = logFiles(settings);
  const logs = await askAll(
    host,
    Object.fromEntries(paths.map((path) => [path, logFileFact(path)])),
  );
  return {
    ...{ member, facts, start, settings, isReadOnly },
    logs: paths.flatMap((path) => logs[path] ?? []),
    certificates: await certificatesOf(host, desired, settings),
    clockAhead: start.now - asked,
    reaches: new Map(),
    ownClientPort: undefined,
  };
}

/** Whether a directory lies on a file system that is read-only: root may write into any other. */
const readOnlyFact = (path: string): Fact<boolean> => ({
  ask: sh`[ ! -d ${path} ] || [ -w ${path} ] || echo read-only`,
  read: ({ stdout }) => stdout.trim() === 'read-only',
});

async function certificatesOf(
  host: Host,
  { account }: DesiredCluster,
  settings: ReadonlyMap<string, string>,
): Promise<Certificates> {
  const pems = await askAll(host, table(settings, PEMS, pemFact));
  const keys = await askAll(
    host,
    table(settings, KEYS, (path) => keyFact(path, account)),
  );
  return {
    ...{ server: pems.server, peer: pems.peer },
    ...{ trusted: pems.trusted, peerTrusted: pems.peerTrusted },
    ...{ serverKey: keys.serverKey, peerKey: keys.peerKey },
  };
}

const PEMS = {
  server: 'ETCD_CERT_FILE',
  peer: 'ETCD_PEER_CERT_FILE',
  trusted: 'ETCD_TRUSTED_CA_FILE',
  peerTrusted: 'ETCD_PEER_TRUSTED_CA_FILE',
};
const KEYS = { serverKey: 'ETCD_KEY_FILE', peerKey: 'ETCD_PEER_KEY_FILE' };

/** A question for each file that the settings name. */
function table<T>(
  settings: ReadonlyMap<string, string>,
  variables: Readonly<Record<string, string>>,
  question: (path: string) => Fact<T>,
): Readonly<Record<string, Fact<T>>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, variable]) => {
      const path = settings.get(variable);
      return path === undefined || path === '' ? [] : [[name, question(path)]];
    }),
  );
}

async function reachOwnClientPort(
  host: Host,
  one: ExaminedMember,
  store: string,
): Promise<Reach | undefined> {
  if (!runs(one) || answers(one)) return undefined;
  const listens = one.settings.get('ETCD_LISTEN_CLIENT_URLS') ?? one.member.clientUrl;
  const place = { ...clientPlace(one), speaksTls: listens.startsWith('https:') };
  return await reach(host, place, store, one.member.name);
}

/** Whether a member's peer port is set up with TLS. */
function speaksTls({ settings, member }: ExaminedMember): boolean {
  return (settings.get('ETCD_LISTEN_PEER_URLS') ?? member.peerUrl).startsWith('https:');
}

/** The same with how each host reaches the peer ports of the others, where a process listens behind them, and its own client port. */
export async function withReaches(
  seen: readonly ExaminedHost[],
  { hosts, store }: Pick<ReachedCluster, 'hosts' | 'store'>,
): Promise<readonly ExaminedHost[]> {
  const targets = examinedMembers({ seen }).filter(runs);
  return await Promise.all(
    seen.map(async ({ member, found }) => {
      const host = hosts.get(member.name);
      if (host === undefined || !('facts' in found)) return { member, found };
      const others = targets.filter((one) => one.member.name !== member.name);
      const reaches = await Promise.all(
        others.map(
          async (one): Promise<readonly [string, Reach]> => [
            one.member.name,
            await reach(
              host,
              { ...peerPlace(one.member), speaksTls: speaksTls(one) },
              store,
              member.name,
            ),
          ],
        ),
      );
      const ownClientPort = await reachOwnClientPort(host, found, store);
      return { member, found: { ...found, reaches: new Map(reaches), ownClientPort } };
    }),
  );
}
