import type { DesiredCluster, DesiredMember } from '../../desired/cluster.ts';
import { askAll, type Fact } from '../../facts/fact.ts';
import { askMember, lookAt, type ReachedHosts } from '../../facts/gather.ts';
import { certainSkew } from '../../facts/host/clock.ts';
import { settledMoment, type UnitMoment } from '../../facts/host/unit-moment.ts';
import { isSeen } from '../../facts/unreachable.ts';
import type { Host } from '../../host/host.ts';
import { sh } from '../../shell/command.ts';
import type { Certificates, ExaminedHost, ExaminedMember } from './examined.ts';
import { logFileFact } from './log-file.ts';
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

/** Where every member's unit stands once it is not being stopped, of those whose hosts can be asked. */
export async function moments(
  around: ReachedCluster,
  isAsked: (name: string) => boolean = () => true,
): Promise<ReadonlyMap<string, UnitMoment>> {
  const { unit, members } = around.desired;
  const ask = (host: Host) => settledMoment(host, unit);
  const looks = await Promise.all(
    members
      .filter(({ name }) => isAsked(name))
      .map(async ({ name }) => [name, await lookAt(around, name, ask)] as const),
  );
  return new Map(looks.flatMap(([name, look]) => (isSeen(look) ? [[name, look] as const] : [])));
}

async function examineMember(
  host: Host,
  member: DesiredMember,
  { desired, store }: ReachedCluster,
): Promise<ExaminedMember> {
  const [{ start, isReadOnly, isLogReadOnly, dataChangedAt }, facts] = await Promise.all([
    askAll(host, {
      start: startFact(desired.unit),
      isReadOnly: readOnlyFact(desired.paths.data),
      isLogReadOnly: readOnlyFact(desired.paths.wal),
      dataChangedAt: changedFact(desired.paths),
    }),
    askMember(host, desired, member, store),
  ]);
  const settings = settingsOf(facts, start);
  const paths = logFiles(settings);
  const logs = await askAll(
    host,
    Object.fromEntries(paths.map((path) => [path, logFileFact(path)])),
  );
  return {
    ...{ member, facts, start, settings, isReadOnly, isLogReadOnly, dataChangedAt },
    logs: paths.flatMap((path) => logs[path] ?? []),
    // One that runs has read them as the account that it runs as.
    certificates: await certificatesOf(
      host,
      facts.unit.process?.account ?? desired.account,
      settings,
    ),
    clockAhead: certainSkew(facts.clock),
    reaches: new Map(),
    ...{ ownClientPort: undefined, clientReaches: new Map(), listeners: facts.listeners },
  };
}

/** Whether a directory lies on a file system that is read-only: root may write into any other. */
const readOnlyFact = (path: string): Fact<boolean> => ({
  ask: sh`[ ! -d ${path} ] || [ -w ${path} ] || echo read-only`,
  read: ({ stdout }) => stdout.trim() === 'read-only',
});

/** When anything of the data was changed last, moved there too, in seconds since 1970. */
const changedFact = ({ data, wal }: DesiredCluster['paths']): Fact<number | undefined> => ({
  ask: sh`find ${data} ${wal} -printf '%C@\n' | sort -n | tail -n 1`,
  read: ({ stdout }) => (stdout.trim() === '' ? undefined : Number(stdout)),
});

async function certificatesOf(
  host: Host,
  account: string,
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
